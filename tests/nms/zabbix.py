# SPDX-License-Identifier: ISC
"""A Zabbix server with its frontend, PostgreSQL and snmptrapd in a throw-away copy of a root folder,
all on loopback: 6.0 is Debian 12's, 7.0 is Debian 13's."""
import json
import pathlib
import subprocess
import time
import urllib.request

import rig
import roots

PACKAGES = ("zabbix-server-pgsql zabbix-frontend-php postgresql php-cli php-pgsql php-gd php-mbstring "
            "php-bcmath php-xml php-curl locales snmp snmptrapd procps")

# The database is filled once; each server has a copy of it.
SETUP = r"""
localedef -i en_US -f UTF-8 en_US.UTF-8
bin=$(echo /usr/lib/postgresql/*/bin) data=/var/lib/zabbix-db
mkdir -p $data /run/postgresql
chown postgres: $data /run/postgresql
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
cd /
as_postgres $bin/initdb -D $data -A trust -E UTF8 --locale=C.UTF-8
as_postgres $bin/pg_ctl -D $data -l $data/log -w start \
	-o "-c listen_addresses= -c unix_socket_directories=/run/postgresql -c fsync=off"
psql="psql -q -v ON_ERROR_STOP=1 -h /run/postgresql"
$psql -U postgres -c 'create role zabbix login' -c 'create database zabbix owner zabbix'
for part in schema images data; do
	zcat /usr/share/zabbix-server-pgsql/$part.sql.gz | $psql -U zabbix zabbix >/dev/null
done
# Without statistics a host is created in minutes, with them in a second.
$psql -U postgres -c 'vacuum analyze' zabbix
as_postgres $bin/pg_ctl -D $data -m fast -w stop
cat >/etc/zabbix/zabbix.conf.php <<'END'
<?php
$DB['TYPE'] = 'POSTGRESQL';
$DB['SERVER'] = '/run/postgresql';
$DB['PORT'] = '0';
$DB['DATABASE'] = $DB['USER'] = 'zabbix';
$DB['DOUBLE_IEEE754'] = true;
$ZBX_SERVER = '127.0.0.1';
$ZBX_SERVER_PORT = getenv('ZBX_SERVER_PORT');
$ZBX_SERVER_NAME = 'ftphealth';
$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
END
ln -sf /etc/zabbix/zabbix.conf.php /usr/share/zabbix/conf/zabbix.conf.php
"""

# $1 the version, $2 to $4 the ports of frontend, server and notifications.
START = r"""
version=$1 web=$2 server=$3 traps=$4
bin=$(echo /usr/lib/postgresql/*/bin) data=/var/lib/zabbix-db
mkdir -p /run/postgresql /run/zabbix
chown postgres: /run/postgresql
chown zabbix: /run/zabbix
chmod 755 /run/traps
setpriv --reuid=postgres --regid=postgres --init-groups $bin/postgres -D $data \
	-c listen_addresses= -c fsync=off -c unix_socket_directories=/run/postgresql &
until psql -q -U zabbix -h /run/postgresql -c 'select 1' zabbix >/dev/null 2>&1; do sleep 0.1; done

cat >/etc/zabbix/test.conf <<END
LogType=console
PidFile=/run/zabbix/zabbix_server.pid
SocketDir=/run/zabbix
DBHost=/run/postgresql
DBName=zabbix
DBUser=zabbix
ListenIP=127.0.0.1
ListenPort=$server
StartPollers=4
StartPingers=0
StartDiscoverers=$([ $version = 6.0 ] && echo 0 || echo 1)
StartHTTPPollers=0
StartTrappers=2
StartSNMPTrapper=1
SNMPTrapperFile=/run/traps/log
CacheUpdateFrequency=1
END
: >/run/traps/log
chmod 666 /run/traps/log
printf '%s\n' "snmpTrapdAddr udp:127.0.0.1:$traps" 'authCommunity log,execute,net public' \
	'traphandle default /run/trap-handler /run/traps/log' >/run/traps/snmptrapd.conf
echo 'mibs :' >/run/traps/snmp.conf
SNMPCONFPATH=/run/traps SNMP_PERSISTENT_DIR=/run/traps snmptrapd -f -On -n -Lf /run/traps/snmptrapd.log &
setpriv --reuid=zabbix --regid=zabbix --init-groups zabbix_server -f -c /etc/zabbix/test.conf &

export ZBX_SERVER_PORT=$server PHP_CLI_SERVER_WORKERS=4
cd /usr/share/zabbix
exec php -d max_execution_time=300 -d memory_limit=256M -d post_max_size=16M -d max_input_time=300 \
	-d date.timezone=UTC -d session.save_path=/tmp -S 127.0.0.1:$web 2>/tmp/php.log
"""

ROOTS = {"6.0": roots.Root("zabbix-6.0", "bookworm", PACKAGES, SETUP),
         "7.0": roots.Root("zabbix-7.0", "trixie", PACKAGES, SETUP)}
HANDLER = rig.ROOT / "integrations" / "zabbix" / "trap-handler"


class ApiError(Exception):
    pass


class Zabbix:
    def __init__(self, version):
        self.version = version
        self.folder = rig.temporary_folder()
        self.web, self.server, self.traps = (rig.free_port() for _ in range(3))
        self.auth = None
        self.log_path = self.folder / "log"
        root = ROOTS[version].make()
        self.received = self.folder / "traps"  # what the trap receiver writes and Zabbix reads
        self.received.mkdir()
        command = root.command("bash", "-euc", START, "start", version, *map(str, self.ports),
                               binds=[(HANDLER, "/run/trap-handler"), (self.received, "/run/traps")])
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)
        try:
            rig.wait_until(self._answers, "the frontend of Zabbix", limit=120)
            self.auth = self.api("user.login", username="Admin", password="zabbix")
        except BaseException:
            self.close()
            raise

    ports = property(lambda self: (self.web, self.server, self.traps))
    url = property(lambda self: "http://127.0.0.1:%d/" % self.web)
    log = property(lambda self: self.log_path.read_text("utf-8", "replace"))

    def _answers(self):
        assert self.process.poll() is None, self.log
        try:
            return self.api("apiinfo.version").startswith(self.version)
        except (OSError, ValueError, ApiError):  # no database yet
            return False

    def api(self, method, *arguments, **parameters):
        """What METHOD answers; its parameters are named, or one list."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method,
                   "params": arguments[0] if arguments else parameters}
        if self.auth:
            request["auth"] = self.auth
        http = urllib.request.Request(self.url + "api_jsonrpc.php", json.dumps(request).encode(),
                                      {"Content-Type": "application/json-rpc"})
        with urllib.request.urlopen(http, timeout=120) as answer:
            answer = json.load(answer)
        if "error" in answer:
            raise ApiError("%s: %s" % (method, answer["error"]["data"]))
        return answer["result"]

    def import_template(self, path):
        """All that the file has, and nothing of what was there before."""
        both = {"createMissing": True, "updateExisting": True}
        all_three = dict(both, deleteMissing=True)
        groups = "groups" if self.version == "6.0" else "template_groups"
        rules = {groups: {"createMissing": True} if self.version == "6.0" else both,
                 "templates": both, "items": all_three, "triggers": all_three,
                 "discoveryRules": all_three, "valueMaps": all_three, "graphs": all_three,
                 "templateDashboards": all_three}
        assert self.api("configuration.import", format="yaml", rules=rules,
                        source=pathlib.Path(path).read_text(encoding="utf-8"))

    def receive(self, contract, name, index, alarm, text):
        """Sends a notification about a target, as an agent does; returns TEXT."""
        bindings = [contract(name, None), contract("ftpAuthNotifyText", 0), "s", text,
                    contract("ftpAuthNotifyAlarm", 0), "u", str(alarm),
                    contract("ftpAuthStatusDiagnosis", index), "i", "1"]
        subprocess.run(["snmptrap", "-v2c", "-c", "public", "-m", "", "127.0.0.1:%d" % self.traps, "",
                        *bindings], check=True, timeout=30)
        return text

    def receive_as(self, text):
        """TEXT as another trap receiver would have written it."""
        with open(self.received / "log", "a", encoding="ascii") as f:
            f.write("2026-01-01T00:00:00+0000 ZBXTRAP 127.0.0.1\n" + text)

    def close(self):
        self.process.kill()  # and the kernel ends the others
        self.process.wait()
        rig.remove_folder(self.folder)


class Host:
    """A host with TEMPLATE, whose agent listens on PORT; MACROS are {"{$NAME}": value}."""

    def __init__(self, zabbix, name, template, port, macros=None):
        self.zabbix = zabbix
        found = zabbix.api("template.get", filter={"host": template}, output=["templateid"])
        group = zabbix.api("hostgroup.get", output=["groupid"], limit=1)
        self.id = zabbix.api(
            "host.create", host=name, groups=group, templates=found,
            macros=[{"macro": m, "value": str(v)} for m, v in (macros or {}).items()],
            interfaces=[{"type": 2, "main": 1, "useip": 1, "ip": "127.0.0.1", "dns": "",
                         "port": str(port), "details": {"version": 2, "community": "public"}}],
        )["hostids"][0]

    def items(self):
        """{key: item} of all that there are."""
        found = self.zabbix.api("item.get", hostids=self.id, output=[
            "itemid", "key_", "name", "lastvalue", "lastclock", "state", "error"])
        return {item["key_"]: item for item in found}

    def value(self, key):
        """The latest value of the item with KEY; None while there is none."""
        item = self.items().get(key)
        return item["lastvalue"] if item and int(item["lastclock"]) else None

    def poll_now(self, *types):
        """Has everything polled at once that can be."""
        ids = [i["itemid"] for i in self.zabbix.api(
            "item.get", hostids=self.id, output=["itemid"], filter={"type": types or [20]})]
        ids += [r["itemid"] for r in self.zabbix.api(
            "discoveryrule.get", hostids=self.id, output=["itemid"], filter={"type": [20]})]
        if ids:
            self.zabbix.api("task.create", [{"type": 6, "request": {"itemid": i}} for i in ids])

    def problems(self, visible=True):
        """Names of the triggers that are in the state of problem, as a user sees them; VISIBLE
        leaves out those that wait for another to be over."""
        return sorted(t["description"] for t in self.zabbix.api(
            "trigger.get", hostids=self.id, output=["description"], expandDescription=True,
            filter={"value": 1}, skipDependent=True if visible else None))

    def events(self):
        """[(name, tags, operational data)] of the problems that are open, oldest first."""
        found = self.zabbix.api("problem.get", hostids=self.id, output=["name", "opdata", "severity"],
                                selectTags="extend", sortfield=["eventid"])
        return [(p["name"], {t["tag"]: t["value"] for t in p["tags"]}, p["opdata"]) for p in found]


def wait_for(host, condition, what, limit=90):
    """Waits for CONDITION; what was the case meanwhile is told when it does not come true."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited %d s for %s; problems: %s; log:\n%s" % (
                limit, what, host.problems(), host.zabbix.log[-3000:]))
        time.sleep(0.3)
