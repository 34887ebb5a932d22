# SPDX-License-Identifier: ISC
"""The templates in real Zabbix servers, 6.0 and 7.0: imported through the API, linked to a host with
snmpd and ftphealthd, polled, and told by notifications."""
import contextlib
import os
import pathlib
import re
import subprocess
import time
import urllib.parse

import pytest

import browser
import ftps
import ftpserver
import rig
import roots
import zabbix
from rig import target
from zabbix import wait_for

TEMPLATE = "FTP auth health by SNMP"
PATHS = {v: rig.ROOT / "integrations" / "zabbix" / v / "ftp_auth_health.yaml" for v in ("6.0", "7.0")}
# All that is slow in the field is quick here, but for what a function of Zabbix cannot do faster.
MACROS = {"{$FTP.AUTH.INTERVAL}": "2s", "{$FTP.AUTH.DISCOVERY.INTERVAL}": "2s",
          "{$FTP.AUTH.NODATA}": "30s", "{$FTP.AUTH.NAME.NOT_MATCHES}": "^left-out$"}
ADSUTIL = "AnonymousPasswordSync           : (BOOLEAN) True\n"
SILENT = "FTP auth: the agent is silent"
SPAN = "9m"  # what the dashboard shows
SIZE = {"6.0": (1400, 1620), "7.0": (1400, 1130)}
FLEET = {"amsterdam": "good", "basel": "iis4", "cadiz": "slow", "delft": "good", "essen": "good",
         "fiume": "vsftpd-530", "ghent": "slow", "haifa": "good", "izmir": "iis4", "jena": "good",
         "kiel": "good", "lille": "iis7-530"}


class Site:
    """FTP servers, ftphealthd and snmpd; and the host in Zabbix that has the template."""

    def __init__(self, server, at_end):
        """AT_END: a contextlib.ExitStack that ends what was started."""
        self.zabbix, self.servers = server, {}
        self.folder = rig.temporary_folder()
        at_end.callback(rig.remove_folder, self.folder)
        at_end.callback(lambda: [s.close() for s in self.servers.values()])
        self.module, control, setting = (self.folder / n for n in ("iissuba.dll", "ftpsvc2.dll", "set"))
        for path in (self.module, control):
            path.write_bytes(b"MZ")
        setting.write_text(ADSUTIL)
        evidence = {"module": [str(self.module)], "control": str(control), "interval": "1s",
                    "timeout": "1s", "setting": {"url": str(setting), "format": "adsutil"}}
        for name, script in (("plant-1", "iis4"), ("plant-2", "q269241"), ("plant-3", "slow"),
                             ("left-out", "good")):
            self.servers[name] = ftpserver.FtpServer(script)
        authority = ftps.Authority(self.folder)
        self.servers["plant-4"] = ftps.FtpsServer(authority.issue("ending", days=3))
        self.snmpd = rig.Snmpd(sinks="trap2sink 127.0.0.1:%d public\n" % server.traps)
        at_end.callback(self.snmpd.close)
        self.snmpd.start()
        self.targets = [
             target("plant-1", self.servers["plant-1"], index=11, group="north", evidence=evidence),
             target("plant-2", self.servers["plant-2"], index=12, group="north"),
             target("plant-3", self.servers["plant-3"], index=13),
             target("plant-4", self.servers["plant-4"].port, index=15,
                    **rig.tls_keys("explicit", ca=authority.ca)),
             target("left-out", self.servers["left-out"], index=14)]
        self.daemon = rig.Daemon(self.targets, agentx=self.snmpd.agentx)
        at_end.callback(self.daemon.close)
        self.daemon.start()
        server.import_template(PATHS[server.version])
        self.host = zabbix.Host(server, "probe", TEMPLATE, self.snmpd.port, MACROS)

    def fleet(self):
        """More servers, as for a picture: most are well, one is gone, one is at risk."""
        for name, script in FLEET.items():
            self.servers[name] = ftpserver.FtpServer(script)
        more = [target(name, self.servers[name], group="fleet") for name in FLEET]
        self.daemon.configure(self.targets + more)
        self.daemon.reload()
        self.servers["delft"].down()
        self.module.unlink()
        wait_for(self.host, lambda: "FTP lille: state" in [
            i["name"] for i in self.host.items().values()], "the fleet")

    def history(self):
        """Some minutes in which things go wrong and right."""
        for seconds, name, script in ((190, "haifa", "vsftpd-530"), (130, "delft", "up"),
                                      (60, "haifa", "good"), (1, "delft", "down"), (70, None, None)):
            time.sleep(seconds)
            if script in ("up", "down"):
                getattr(self.servers[name], script)()
            elif script:
                self.servers[name].behave(script)

    def key(self, start, index):
        """The key of an item of a target: START is what stands before its bracket."""
        return next((k for k in self.host.items()
                     if re.fullmatch(r"%s\[(ftpAuth\w+\.)?%d\]" % (re.escape(start), index), k)), None)

    def value(self, start, index):
        return self.host.value(self.key(start, index))

    def wait(self, start, index, value):
        wait_for(self.host, lambda: self.value(start, index) == str(value),
                 "%s of %d to be %s" % (start, index, value))

    def wait_problems(self, *names):
        wait_for(self.host, lambda: set(names) <= set(self.host.problems()), "problems: %s" % (names,))

    def wait_over(self, *names):
        wait_for(self.host, lambda: not set(names) & set(self.host.problems(visible=False)),
                 "an end of %s" % (names,))


@pytest.fixture(scope="module", params=sorted(PATHS))
def site(request):
    reason = roots.why_not()
    if reason:
        pytest.skip(reason)
    with contextlib.ExitStack() as at_end:
        server = zabbix.Zabbix(request.param)
        at_end.callback(server.close)
        yield Site(server, at_end)


def uuids(text):
    return sorted(re.findall(r"\buuid: ([0-9a-f]{32})\b", text))


def test_import_is_whole(site):
    """What the server has is what the file says, entity by entity."""
    found = site.zabbix.api("template.get", filter={"host": TEMPLATE}, output=["templateid"])
    text = site.zabbix.api("configuration.export", format="yaml",
                           options={"templates": [found[0]["templateid"]]})
    assert uuids(text) == uuids(PATHS[site.zabbix.version].read_text())


def test_discovery_makes_items(site):
    """Each target has its items, the one with evidence has more, the one left out has none."""
    wait_for(site.host, lambda: site.key("ftp.auth.evidence", 11), "discovery")
    wait_for(site.host, lambda: site.key("ftp.auth.state", 13), "discovery")
    wait_for(site.host, lambda: site.key("ftp.auth.tls.days", 15), "discovery")
    per_target = {i: {re.sub(r"\b%d\b" % i, "N", k) for k in site.host.items()
                      if re.search(r"\b%d\]" % i, k)} for i in (11, 12, 13, 14, 15)}
    assert per_target[12] == per_target[13] and len(per_target[12]) > 25
    assert per_target[11] - per_target[12] == {
        k for k in per_target[11] if k.startswith("ftp.auth.evidence")} != set()
    assert per_target[15] - per_target[12] == {
        k for k in per_target[15] if k.startswith("ftp.auth.tls.")} != set()
    assert not per_target[14], "the macro leaves it out"
    names = [item["name"] for item in site.host.items().values()]
    assert "FTP plant-1: state" in names and "FTP plant-1: evidence: password synchronization" in names


def test_values(site, contract):
    """What was polled is what snmpget says, scaled as the units say."""
    stable = {"ftpAuthStatusState", "ftpAuthStatusDiagnosis", "ftpAuthStatusConfidence",
              "ftpAuthStatusRemedy", "ftpAuthStatusReference", "ftpAuthStatusOutcome",
              "ftpAuthStatusFailedStage", "ftpAuthStatusReplyCode", "ftpAuthStatusReplyText",
              "ftpAuthStatusSoftware", "ftpAuthTargetAdmin", "ftpAuthTargetInterval",
              "ftpAuthStatusFlapping", "ftpAuthStatusHeld"}
    client = site.snmpd.client
    site.host.poll_now()  # what is asked for once in an hour
    site.wait("ftp.auth.state", 12, 4)
    for start, want in (("ftp.auth.state", 1), ("ftp.auth.reply.code", 230)):
        site.wait(start, 11, want)
    keys = {k: re.search(r"\[(ftpAuth\w+)\.(\d+)\]", k) for k in site.host.items()}
    compared = 0
    for key, found in keys.items():
        if not found or found[1] not in stable:
            continue
        want = str(client.value(contract(found[1], found[2])))
        wait_for(site.host, lambda k=key, w=want: (site.host.value(k) or "") == w,
                 "%s to be %r, not %r" % (key, want, site.host.value(key)))
        compared += 1
    assert compared == len(stable) * 4 + 2  # ftpAuthTargetAdmin again, for evidence and for TLS
    for name in ("Total", "Ok", "Refused", "Unreachable"):
        want = str(client.value(contract("ftpAuthSummary" + name)))
        wait_for(site.host, lambda n=name, w=want: site.host.value(
            "ftp.auth.summary." + n.lower()) == w, "ftpAuthSummary" + name)
    # A slow server takes three times 20 ms: seconds, not microseconds.
    wait_for(site.host, lambda: 0.06 <= float(site.value("ftp.auth.time", 13) or 0) < 10, "a login time")
    wait_for(site.host, lambda: int(site.value("ftp.auth.probes", 13) or 0) > 0, "probes")
    assert site.value("ftp.auth.evidence.sync", 11) == "2"
    broken = {k: i["error"] for k, i in site.host.items().items() if i["error"]}
    assert not broken, "items that the server does not support"


def test_polled_refusal(site):
    """plant-2 was refused before Zabbix knew it: polling finds it, with the server's own words."""
    site.wait_problems("FTP plant-2: login refused")
    name, tags, opdata = next(e for e in site.host.events() if e[0].startswith("FTP plant-2"))
    assert name == "FTP plant-2 (127.0.0.1:%d): login refused" % site.servers["plant-2"].port
    assert re.fullmatch(r"530 User \S+ cannot log in\. Cause: \w+ \(\d+\)", opdata), opdata
    assert tags["scope"] == "availability" and tags["server"] == "plant-2" and tags["group"] == "north"


def test_notification_raises_and_clears(site):
    """A refusal is told by its notification, once, and ends by the one with the same alarm."""
    told = "FTP plant-1: login refused (notified)"
    server = site.servers["plant-1"]
    server.behave("q269241")
    site.wait_problems(told)
    site.wait("ftp.auth.state", 11, 4)
    assert "FTP plant-1: login refused" not in site.host.problems(), "told once"
    name, tags, opdata = next(e for e in site.host.events() if "alarm" in e[1])
    alarm = site.value("ftp.auth.alarm.refused", 11)
    assert int(alarm) > 0 and tags["alarm"] == alarm
    assert name == "FTP plant-1 (127.0.0.1:%d): login refused (alarm %s)" % (server.port, alarm)
    assert "530 User" in opdata, opdata
    server.behave("iis4")
    site.wait_over(told)
    assert site.value("ftp.auth.alarm.refused", 11) == "-" + alarm
    assert "login works again" in site.value("ftp.auth.event", 11) or \
        site.value("ftp.auth.event", 11).startswith("clear ftpAuthLoginRefused %s: " % alarm)


def test_clear_of_another_alarm(site, contract):
    """A notification that clears an earlier alarm, late, does not end the one that is open."""
    told = "FTP plant-3: unreachable (notified)"
    site.servers["plant-3"].down()
    site.wait_problems(told)
    alarm = int(site.value("ftp.auth.alarm.unreachable", 13))
    event = site.zabbix.receive(contract, "ftpAuthReachable", 13, alarm - 1, "late")
    wait_for(site.host, lambda: event in (site.value("ftp.auth.event", 13) or ""), "the late one")
    assert told in site.host.problems()
    site.servers["plant-3"].up()
    site.wait_over(told)


# As zabbix_trap_receiver.pl of Zabbix writes it.
PERL = """PDU INFO:
  notificationtype               TRAP
  receivedfrom                   UDP: [127.0.0.1]:40780->[127.0.0.1]:162
  community                      public
VARBINDS:
  %(uptime)s type=67 value=Timeticks: (5) 0:00:00.05
  %(type_of)-30s type=6  value=OID: %(type)s
  %(text)-30s type=4  value=STRING: "%(words)s"
  %(alarm)-30s type=66 value=Gauge32: %(number)d
  %(cause)-30s type=2  value=INTEGER: %(other)s
"""


@pytest.mark.parametrize("names", [False, True], ids=["numbers", "names"])
def test_other_receivers(site, contract, names):
    """A receiver that prints types, with and without the MIB; the words of a server, which may be
    anything, name neither a type nor another server."""
    mib = "FTP-AUTH-HEALTH-MIB::"
    number = 900002 if names else 900001
    words = "530 %s %sftpAuthLoginRecovered \\\"ok\\\"" % (contract("ftpAuthLoginRecovered", None), mib)

    def told(notification):
        site.zabbix.receive_as(PERL % {
            "uptime": "DISMAN-EVENT-MIB::sysUpTimeInstance" if names else ".1.3.6.1.2.1.1.3.0",
            "type_of": "SNMPv2-MIB::snmpTrapOID.0" if names else ".1.3.6.1.6.3.1.1.4.1.0",
            "type": mib + notification if names else contract(notification, None),
            "text": mib + "ftpAuthNotifyText.0" if names else contract("ftpAuthNotifyText", 0),
            "alarm": mib + "ftpAuthNotifyAlarm.0" if names else contract("ftpAuthNotifyAlarm", 0),
            "cause": (mib + "ftpAuthStatusDiagnosis.13" if names
                      else contract("ftpAuthStatusDiagnosis", 13)),
            "other": "other(2)" if names else "2", "words": words, "number": number})
        return words.replace('\\"', '"')
    text = told("ftpAuthLoginRefused")
    site.wait_problems("FTP plant-3: login refused (notified)")
    assert site.value("ftp.auth.event", 13) == "raise ftpAuthLoginRefused %d: %s" % (number, text)
    told("ftpAuthLoginRecovered")
    site.wait_over("FTP plant-3: login refused (notified)")
    assert site.value("ftp.auth.alarm.refused", 13) == str(-number)


def test_at_risk(site):
    """Evidence: the module goes, the login still works."""
    told = "FTP plant-1: login at risk (notified)"
    site.module.unlink()
    site.wait_problems(told)
    site.wait("ftp.auth.evidence.module", 11, 3)
    site.wait("ftp.auth.state", 11, 2)
    site.module.write_bytes(b"MZ")
    site.wait_over(told)


def test_certificate(site):
    """It ends in three days, and polling sees that."""
    site.wait("ftp.auth.tls.verify", 15, 2)
    assert site.value("ftp.auth.tls.subject", 15) == "CN=localhost"
    site.wait_problems("FTP plant-4: the certificate ends in a few days")
    name, tags, opdata = next(e for e in site.host.events() if "plant-4: the certificate" in e[0])
    assert name.endswith("ends in fewer than 7 days") and tags["scope"] == "security"
    assert re.fullmatch(r"[23] days: CN=localhost", opdata), opdata


def test_silent_agent_hides_the_rest(site):
    """When nothing is known of any server, that alone is told; then all is as before."""
    hidden = "FTP plant-2: login refused"
    assert hidden in site.host.problems()
    assert site.daemon.stop() == 0
    site.wait_problems(SILENT)
    assert site.host.problems() == [SILENT], site.host.events()
    assert hidden in site.host.problems(visible=False), "hidden, not closed"
    site.daemon.start()
    site.wait_over(SILENT)
    wait_for(site.host, lambda: hidden in site.host.problems(), hidden)


def dashboard(site, path):
    """The dashboard of the host, as Admin sees it."""
    page = urllib.parse.quote("zabbix.php?action=host.dashboard.view&hostid=%s&kiosk=1"
                              "&from=now-%s&to=now" % (site.host.id, SPAN), safe="")
    browser.picture(site.zabbix.url + "index.php?name=Admin&password=zabbix&autologin=1&enter=Sign+in"
                    "&request=" + page, path, *SIZE[site.zabbix.version])


def test_dashboard(site):
    """The dashboard is drawn; with FTPHEALTH_IMAGES that of 7.0 is kept there, of a whole fleet."""
    keep = os.environ.get("FTPHEALTH_IMAGES") if site.zabbix.version == "7.0" else None
    if keep:
        site.fleet()
        site.history()
    picture = site.folder / "dashboard.png"
    dashboard(site, picture)
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    if keep:
        p = browser.ROOT.run("pngquant", "--strip", "--quality=70-95", "-", stdout=subprocess.PIPE,
                             stdin=picture.open("rb"))
        assert p.returncode == 0 and len(p.stdout) < 200000
        pathlib.Path(keep, "zabbix-dashboard.png").write_bytes(p.stdout)
