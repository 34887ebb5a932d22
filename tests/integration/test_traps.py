# SPDX-License-Identifier: ISC
"""What a trap desk makes of our notifications with the files of integrations/: the real snmptrapd
and the real SNMPTT, under the published base and under another. Of what cannot be run here, the
syntax, and that its names, OIDs and pairs are those of the agent."""
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import types
import xml.etree.ElementTree as xml

import pytest

import ftpserver
import rig
from rig import target

HANDLER = rig.INTEGRATIONS / "snmptrapd" / "ftp-auth-health-traphandle"
OTHER_BASE = "1.3.6.1.4.1.32473.7"
SNMPTT_INI = """
[General]
snmptt_system_name =
mode = standalone
multiple_event = 1
dns_enable = 0
ipv6_enable = 0
strip_domain = 0
resolve_value_ip_addresses = 0
net_snmp_perl_enable = 0
net_snmp_perl_best_guess = 0
translate_log_trap_oid = 0
translate_value_oids = 0
wildcard_expansion_separator = " "
allow_unsafe_regex = 0
remove_backslash_from_quotes = 0
dynamic_nodes = 0
description_mode = 0
description_clean = 1

[DaemonMode]
daemon_fork = 0

[Logging]
stdout_enable = 0
log_enable = 1
log_file = %(log)s
log_system_enable = 0
unknown_trap_log_enable = 1
unknown_trap_log_file = %(unknown)s
statistics_interval = 0
syslog_enable = 0
syslog_system_enable = 0

[SQL]
mysql_dbi_enable = 0
postgresql_dbi_enable = 0
dbd_odbc_enable = 0
sqlserver_enable = 0

[Exec]
exec_enable = 1
pre_exec_enable = 0
exec_escape = 1

[TrapFiles]
snmptt_conf_files = <<END
%(conf)s
END
"""


def rendered(folder, base):
    """The files for BASE: those of the tree, or rendered into FOLDER."""
    if base is None:
        return rig.INTEGRATIONS
    subprocess.run([rig.ROOT / "integrations" / "render", "--oid-base", base, "--out", folder,
                    "snmptt", "snmptrapd"], check=True,
                   env=dict(os.environ, FTPHEALTHD=rig.program("ftphealthd")),
                   stdout=subprocess.DEVNULL, timeout=rig.PATIENCE)
    return folder


def snmptt(folder, files):
    """A command for snmptrapd that hands a notification to SNMPTT, which logs to FOLDER."""
    conf = folder / "snmptt.conf"
    text = (files / "snmptt" / "snmptt.conf.ftp-auth-health").read_text()
    # One of the examples comes to life.
    conf.write_text(re.sub(r"^#EXEC .*/submit-result ", "EXEC /bin/echo >>%s/exec "
                           % folder, text, flags=re.M))
    ini = folder / "snmptt.ini"
    ini.write_text(SNMPTT_INI % {"log": folder / "snmptt.log", "unknown": folder / "unknown.log",
                                 "conf": conf})
    return "%s --ini=%s" % (shutil.which("snmptt", path=os.environ["PATH"] + ":/usr/sbin"), ini)


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize("base", [None, OTHER_BASE], ids=["published base", "another base"])
def test_a_desk(base, daemon, ftp, tmp_path):
    """Started, refused, recovered: SNMPTT's log and commands, the environment of a handler's."""
    files = rendered(tmp_path / "integrations", base)
    hook = tmp_path / "hook"
    hook.write_text("""#!/usr/bin/python3
import json, os
with open("%s/hooked", "a") as f:
    print(json.dumps({k: v for k, v in os.environ.items() if k.startswith("FTPHEALTH_")}), file=f)
""" % tmp_path)
    hook.chmod(0o755)
    handler = files / "snmptrapd" / "ftp-auth-health-traphandle"
    # "default" would only be for what no other handler wants.
    which = re.search(r"^ +traphandle (\S+) \S+ --exec ", handler.read_text(), re.M).group(1)
    handlers = ["%s %s --exec %s" % (which, handler, hook)]
    with_snmptt = shutil.which("snmptt", path=os.environ["PATH"] + ":/usr/sbin")
    if with_snmptt:
        handlers.append("%s %s" % (which, snmptt(tmp_path, files)))
    receiver = rig.TrapReceiver(handlers)
    try:
        server = ftp("q269241")
        d = daemon([target("plant-7", server)], listen=rig.free_port(),
                   top={"oid-base": base} if base else {},
                   snmp="rocommunity public 127.0.0.1\ntrap2sink %s public\n" % receiver.where)
        d.start()
        rig.wait_until(lambda: len(lines(tmp_path / "hooked")) >= 2, "the refusal")
        server.behave("iis4")
        rig.wait_until(lambda: len(lines(tmp_path / "hooked")) >= 3, "the recovery")
        if with_snmptt:
            rig.wait_until(lambda: len(lines(tmp_path / "snmptt.log")) >= 3, "SNMPTT to log")
            rig.wait_until(lambda: len(lines(tmp_path / "exec")) >= 3, "SNMPTT's commands")
    finally:
        receiver.close()
    check_hooked([json.loads(line) for line in lines(tmp_path / "hooked")], server)
    if not with_snmptt:
        pytest.skip("snmptt is not installed")
    check_snmptt(lines(tmp_path / "snmptt.log"), lines(tmp_path / "exec"), server)
    assert not lines(tmp_path / "unknown.log")


def check_hooked(events, server):
    started, refused, recovered = events
    where = "127.0.0.1:%d" % server.port
    assert started["FTPHEALTH_NOTIFICATION"] == "ftpAuthAgentStarted"
    assert (started["FTPHEALTH_TARGET"], started["FTPHEALTH_SERVICE"]) == ("", "0")
    assert refused["FTPHEALTH_NOTIFICATION"] == "ftpAuthLoginRefused"
    assert recovered["FTPHEALTH_NOTIFICATION"] == "ftpAuthLoginRecovered"
    for event, severity, service, state, clears in (
            (refused, "critical", "2", "refused", ""),
            (recovered, "cleared", "0", "ok", "ftpAuthLoginRefused")):
        assert event["FTPHEALTH_SEVERITY"] == severity
        assert event["FTPHEALTH_SERVICE"] == service
        assert event["FTPHEALTH_STATE"] == state
        assert event["FTPHEALTH_CLEARS"] == clears
        assert (event["FTPHEALTH_TARGET"], event["FTPHEALTH_HOST"]) == ("plant-7", where)
    assert refused["FTPHEALTH_ALARM"] == recovered["FTPHEALTH_ALARM"] != "0"
    assert int(recovered["FTPHEALTH_SEQUENCE"]) > int(refused["FTPHEALTH_SEQUENCE"])
    assert refused["FTPHEALTH_DIAGNOSIS"] == "subAuthModuleMissing"
    assert refused["FTPHEALTH_REPLY_CODE"] == "530" and refused["FTPHEALTH_REPLY_TEXT"]
    assert refused["FTPHEALTH_REMEDY"].endswith(".") and "Q269241" in refused["FTPHEALTH_REFERENCE"]
    assert "530" in refused["FTPHEALTH_TEXT"] and "=" not in refused["FTPHEALTH_AGENT"]


def check_snmptt(log, commands, server):
    """SNMPTT's log: TIME OID SEVERITY "CATEGORY" HOST - TEXT."""
    where = r"plant-7 \(127\.0\.0\.1:%d\): " % server.port
    wanted = [
        r'\.0\.16 INFORMATIONAL "FTP monitor" \S+ - ftphealthd started: 1 target \[alarm 0\]$',
        r'\.0\.1 CRITICAL "FTP logins" \S+ - ' + where +
        r"anonymous login refused: 530 .* - .*\. \[alarm (\d+)\]$",
        r'\.0\.2 NORMAL "FTP logins" \S+ - ' + where +
        r"anonymous login works again \[alarm (\d+)\]$",
    ]
    found = [re.search(pattern, line) for pattern, line in zip(wanted, log)]
    assert len(log) == 3 and all(found), log
    assert found[1].group(1) == found[2].group(1)
    words = "--host noc1 --notification %s --target %s --state %s --text %s"
    for command, wanted in zip(commands, (
            words % ("ftpAuthAgentStarted", "", r"\S+", "ftphealthd started: .*"),
            words % ("ftpAuthLoginRefused", "plant-7", "(4|refused)", "anonymous login refused: 530.*"),
            words % ("ftpAuthLoginRecovered", "plant-7", "(1|ok)", "anonymous login works again"))):
        assert re.fullmatch(wanted, command), (wanted, command)


def test_a_server_that_would_give_orders(daemon, ftp, tmp_path):
    """What a server says reaches the shell of an EXEC line, but not as a command."""
    if not shutil.which("snmptt", path=os.environ["PATH"] + ":/usr/sbin"):
        pytest.skip("snmptt is not installed")
    # Short, as ftpAuthNotifyText ends at 160 characters.
    mark = rig.temporary_folder() / "x"
    words = '530 No "; >%s; "$(>%s)`>%s`\\" | >%s & *' % ((mark,) * 4)
    receiver = rig.TrapReceiver(["default " + snmptt(tmp_path, rig.INTEGRATIONS)])
    try:
        server = ftp(ftpserver.script(PASS=words.encode() + b"\r\n"))
        daemon([target("plant-7", server)], listen=rig.free_port(),
               snmp="rocommunity public 127.0.0.1\ntrap2sink %s public\n" % receiver.where).start()
        rig.wait_until(lambda: len(lines(tmp_path / "exec")) >= 2, "SNMPTT's commands")
    finally:
        receiver.close()
    assert "--target plant-7" in lines(tmp_path / "exec")[1]
    assert "--text anonymous login refused: 530 No" in lines(tmp_path / "exec")[1]
    assert not mark.exists()
    mark.parent.rmdir()


# ------------------------------------------------------------------ how snmptrapd may put it

HEAD = "probe1.example.com\nUDP: [192.0.2.1]:4711->[192.0.2.2]:162\n"
TRAP_OID = ".1.3.6.1.6.3.1.1.4.1.0"


def handle(text, *options, path=HANDLER):
    p = subprocess.run([path, *options], input=text.encode(), stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False, timeout=rig.PATIENCE)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def notification(contract, name, style, **values):
    """The lines that a handler gets: names as STYLE makes them."""
    text = HEAD + ".1.3.6.1.2.1.1.3.0 0:0:42:49.03\n"
    text += "%s %s\n" % (style(TRAP_OID), style(contract(name)))
    for key, value in values.items():
        text += "%s.0 %s\n" % (style(contract("ftpAuth" + key, "")[:-1]), value)
    return text


STYLES = {
    "-On": lambda oid: oid,
    "no MIB, no option": lambda oid: "iso" + oid[2:],
    "only SNMPv2-SMI": lambda oid: oid.replace(".1.3.6.1.4.1.", "SNMPv2-SMI::enterprises.").replace(
        ".1.3.6.1.6.3.", "SNMPv2-SMI::snmpModules."),
}


@pytest.mark.parametrize("style", STYLES)
def test_numbers(contract, style):
    text = notification(contract, "ftpAuthUnreachable", STYLES[style], NotifyName='"ftp1"',
                        NotifyHost='"ftp1.example.com:21"', NotifySeverity="5", NotifyFrom="1",
                        NotifyTo="5", NotifyText='"unreachable: no \\"route\\" to C:\\\\ftp"',
                        NotifySequence="7", NotifyAlarm="3")
    assert handle(text, "--print") == (0, "major: ftp1: unreachable: no \"route\" to C:\\ftp "
                                       "(ftpAuthUnreachable, alarm 3, sequence 7)\n", "")


def test_with_the_mib():
    """Labels, units, and a text of several lines, as an agent of another make might send it."""
    text = HEAD + """DISMAN-EVENT-MIB::sysUpTimeInstance 0:0:42:49.03
SNMPv2-MIB::snmpTrapOID.0 FTP-AUTH-HEALTH-MIB::ftpAuthLoginRefused
FTP-AUTH-HEALTH-MIB::ftpAuthNotifyName.0 ftp 1
FTP-AUTH-HEALTH-MIB::ftpAuthNotifySeverity.0 critical
FTP-AUTH-HEALTH-MIB::ftpAuthNotifyTo.0 refused(4)
FTP-AUTH-HEALTH-MIB::ftpAuthNotifyText.0 "first line
second line with .1.3.6 in it"
FTP-AUTH-HEALTH-MIB::ftpAuthNotifySequence.0 12
FTP-AUTH-HEALTH-MIB::ftpAuthStatusFailStreak.3 3 probes
FTP-AUTH-HEALTH-MIB::ftpAuthStatusReplyCode.3 530
"""
    code, out, error = handle(text, "--exec", "/usr/bin/env")
    env = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
    assert (code, error) == (0, "")
    assert env["FTPHEALTH_TARGET"] == "ftp 1" and env["FTPHEALTH_STATE"] == "refused"
    assert env["FTPHEALTH_SEVERITY"] == "critical" and env["FTPHEALTH_REPLY_CODE"] == "530"
    assert "FTPHEALTH_TEXT=first line\nsecond line with .1.3.6 in it\n" in out


def test_severity_of_the_moment(contract):
    """What the notification says of its severity goes before what its kind usually has."""
    text = notification(contract, "ftpAuthUnreachable", STYLES["-On"], NotifySeverity="4",
                        NotifyText='"x"')
    assert handle(text, "--print")[1].startswith("minor: ftphealthd: x (ftpAuthUnreachable")


@pytest.mark.parametrize("text", [
    "", HEAD, HEAD + TRAP_OID + " .1.3.6.1.6.3.1.1.5.1\n", "\0\xff\n" * 9],
    ids=["nothing", "head", "coldStart", "noise"])
def test_not_ours(text):
    code, out, error = handle(text)
    assert (code, out) == (65, "")
    assert error == "ftp-auth-health-traphandle: this is no notification of ftphealthd\n"


def test_exit_code_of_the_command(contract):
    text = notification(contract, "ftpAuthHeartbeat", STYLES["-On"], NotifyText='"$(id) `id`"')
    command = ("--exec", "/bin/sh", "-c", 'echo "$FTPHEALTH_TEXT"; exit 7')
    assert handle(text, *command) == (7, "$(id) `id`\n", "")
    code, _, error = handle(text, "--exec")
    assert code == 64 and error.startswith("usage: ")


# ------------------------------------------------------------------ what cannot be run here


def test_opennms_events(contract):
    """An event each; what clears names the key of what raised; positions are right."""
    ns = {"e": "http://xmlns.opennms.org/xsd/eventconf"}
    path = rig.INTEGRATIONS / "opennms/events/FTP-AUTH-HEALTH-MIB.events.xml"
    events = {}
    for event in xml.parse(path).getroot().findall("e:event", ns):
        mask = {m.find("e:mename", ns).text: m.find("e:mevalue", ns).text
                for m in event.findall("e:mask/e:maskelement", ns)}
        name = contract.names["%s.0.%s" % (mask["id"], mask["specific"])]
        uei, alarm = event.find("e:uei", ns).text, event.find("e:alarm-data", ns)
        assert mask["generic"] == "6" and uei.endswith("/" + name)
        events[name] = None if alarm is None else dict(
            alarm.attrib, raised=alarm.get("reduction-key").replace("%uei%", uei))
        told = re.findall(r"<td>(\w+)</td><td>%parm\[#(\d+)\]%", event.find("e:descr", ns).text)
        assert [n for n, _ in told] == contract.objects_of(name)
        assert [int(i) for _, i in told] == list(range(1, len(told) + 1))
    assert sorted(events) == sorted(contract.of_kind("notification"))
    clears = {row[1]: row[3] for row in contract.rows if row[0] == "clears"}
    assert clears
    for clear, raised in clears.items():
        assert (events[clear]["alarm-type"], events[raised]["alarm-type"]) == ("2", "1")
        assert events[clear]["clear-key"] == events[raised]["raised"]


def test_opennms_collection(contract):
    ns = {"d": "http://xmlns.opennms.org/xsd/config/datacollection"}
    folder = rig.INTEGRATIONS / "opennms"
    root = xml.parse(folder / "datacollection" / "ftp-auth-health.xml").getroot()
    objects = root.findall(".//d:mibObj", ns)
    aliases = [o.get("alias") for o in objects]
    assert len(set(aliases)) == len(aliases) > 10 and max(map(len, aliases)) <= 19
    for o in objects:
        name = contract.names[o.get("oid")]
        assert (o.get("instance") == "0") == (contract.kinds[name] == "scalar")
        assert o.get("type") == {"SnmpAdminString": "string", "Counter32": "Counter32"}.get(
            contract.syntax[name], "Gauge32")
    groups = {g.get("name") for g in root.findall("d:group", ns)}
    assert {g.text for g in root.findall(".//d:includeGroup", ns)} == groups
    graphs = (folder / "snmp-graph.properties.d" / "ftp-auth-health-graph.properties").read_text()
    used = {c for line in re.findall(r"\.columns=(.*)", graphs) for c in line.split(",")}
    assert used and used <= set(aliases)
    assert {a for a in aliases if contract.names[next(
        o.get("oid") for o in objects if o.get("alias") == a)].startswith("ftpAuthSummary")} - used <= {
            "faTotal", "faDisabled", "faService", "faFlapping"}


def test_telegraf(contract):
    with open(rig.INTEGRATIONS / "telegraf" / "ftp-auth-health.conf", "rb") as f:
        conf = tomllib.load(f)
    plugin, = conf["inputs"]["snmp"]
    for field in plugin["field"]:
        assert contract.kinds[contract.names[field["oid"].rpartition(".")[0]]] == "scalar"
    for field in plugin["table"][0]["field"]:
        assert contract.kinds[contract.names[field["oid"]]] == "column"
    fields = {field["name"] for field in plugin["table"][0]["field"]}
    for mapping in conf["processors"]["enum"][0]["mapping"]:
        assert mapping["field"] in fields and mapping["value_mappings"]


def test_librenms_discovery(contract):
    yaml = pytest.importorskip("yaml", reason="python3-yaml is not installed")
    text = (rig.INTEGRATIONS / "librenms" / "os_discovery" / "linux.yaml").read_text()
    sensors = yaml.safe_load(text)["modules"]["sensors"]
    found = 0
    for kind, sensor in sensors.items():
        for entry in sensor["data"]:
            if kind == "pre-cache":
                assert all(name.split("::")[1] in contract.oids for name in entry["oid"])
                continue
            oid = entry["num_oid"].replace(".{{ $index }}", "")
            assert entry["value"] == "FTP-AUTH-HEALTH-MIB::" + contract.names[oid]
            found += 1
    assert found == 7


def test_librenms_handler(contract):
    """Each notification has a handler and a severity."""
    files = [rig.INTEGRATIONS / "librenms" / name
             for name in ("Handlers/FtpAuthHealth.php", "snmptraps.php")]
    names = sorted(contract.of_kind("notification"))
    assert sorted(re.findall(r"'(\w+)' => Severity::", files[0].read_text())) == names
    assert sorted(re.findall(r"MIB::(\w+)' =>", files[1].read_text())) == names


@pytest.mark.skipif(not shutil.which("php"), reason="php is not installed")
def test_librenms_syntax():
    for path in (rig.INTEGRATIONS / "librenms").rglob("*.php"):
        subprocess.run(["php", "-l", path], check=True, stdout=subprocess.DEVNULL,
                       timeout=rig.PATIENCE)


class Stub(types.SimpleNamespace):
    """A result of Checkmk's, as far as a test looks at it."""


def checkmk_stub():
    """As much of cmk.agent_based.v2 as the plugin uses, by its documentation: not Checkmk itself."""
    v2 = types.ModuleType("cmk.agent_based.v2")
    for name in ("CheckPlugin", "OIDEnd", "Result", "Service", "SNMPSection", "SNMPTree", "Metric"):
        setattr(v2, name, lambda _name=name, **keys: Stub(kind=_name, **keys))
    for name in ("CheckResult", "DiscoveryResult", "StringTable"):
        setattr(v2, name, object)
    v2.State = __import__("enum").IntEnum("State", {"OK": 0, "WARN": 1, "CRIT": 2, "UNKNOWN": 3})
    v2.exists = lambda oid: oid
    v2.check_levels = lambda value, **keys: [Stub(kind="levels", value=value, **keys)]
    v2.render = types.SimpleNamespace(timespan=str)
    return {"cmk": types.ModuleType("cmk"), "cmk.agent_based": types.ModuleType("cmk.agent_based"),
            "cmk.agent_based.v2": v2}


@pytest.fixture
def checkmk(monkeypatch):
    for name, module in checkmk_stub().items():
        monkeypatch.setitem(sys.modules, name, module)
    path = rig.INTEGRATIONS / "checkmk/ftp_auth_health/agent_based/ftp_auth_health.py"
    plugin = types.ModuleType("ftp_auth_health")
    monkeypatch.setitem(sys.modules, "ftp_auth_health", plugin)
    exec(compile(path.read_text(), str(path), "exec"), plugin.__dict__)  # pylint: disable=exec-used
    return plugin


def test_checkmk(checkmk, daemon, ftp):
    """The plugin's own code on what a real agent answers."""
    d = daemon([target("good", ftp("good")), target("bad", ftp("q269241"))],
               listen=rig.free_port()).start()
    rig.wait_until(lambda: d.manager.status().endswith("1 ok, 1 refused"), "both to be probed")
    section = checkmk.snmp_section_ftp_auth_health
    assert d.client.get(section.detect)[0].value

    def fetch(tree, scalar):
        names = [oid for oid in tree.oids if isinstance(oid, str)]
        if scalar:
            oids = ["%s.%s.0" % (tree.base, oid) for oid in names]
            return [[str(v.value) for v in d.client.get(*oids)]]
        columns = [d.client.column("%s.%s" % (tree.base, oid)) for oid in names]
        return [[index, *(str(column[index]) for column in columns)] for index in columns[0]]

    parsed = checkmk.parse_ftp_auth_health(
        [fetch(tree, i == 0) for i, tree in enumerate(section.fetch)])
    assert sorted(s.item for s in checkmk.discover_ftp_auth_health(parsed)) == ["bad", "good"]
    params = checkmk.check_plugin_ftp_auth_health.check_default_parameters
    good = list(checkmk.check_ftp_auth_health("good", params, parsed))
    assert good[0].state == 0 and good[0].summary.startswith("ok: 127.0.0.1: 230")
    assert good[-1].kind == "levels" and 0 < good[-1].value < 60
    bad = list(checkmk.check_ftp_auth_health("bad", params, parsed))
    assert bad[0].state == 2 and "530" in bad[0].summary
    assert bad[1].summary == "Cause: subAuthModuleMissing" and bad[1].details.endswith(".")
    summary = list(checkmk.check_ftp_auth_health_summary(parsed))
    assert summary[0].state == 2 and summary[0].summary.startswith("CRITICAL")
    assert summary[1].notice == "The agent is running" and summary[1].state == 0
    assert [s.value for s in summary[2:]] == [2, 1, 0, 0, 0]
    assert list(checkmk.check_ftp_auth_health("gone", params, parsed)) == []


@pytest.mark.parametrize("path", sorted(rig.INTEGRATIONS.glob("checkmk/**/*.py")),
                         ids=lambda p: p.parent.name)
def test_checkmk_syntax(path):
    ast.parse(path.read_text(), str(path))


@pytest.mark.parametrize("system", ["checkmk", "librenms", "opennms", "telegraf"])
def test_says_that_it_was_not_run(system):
    files = [p for p in (rig.INTEGRATIONS / system).rglob("*") if p.is_file()]
    assert files
    for path in files:
        assert re.search(r"Not run\s+against\s+the\s+real\s+thing\.", path.read_text()), path
