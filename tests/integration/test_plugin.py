# SPDX-License-Identifier: ISC
"""check_ftp_auth_health: a login of its own, and what a running agent says; and all that may go
wrong, which is UNKNOWN with a sentence that says which."""
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest

import ftps
import ftpserver
import nms
import rig
from rig import target, tls_keys
from values import name_index

OK, WARNING, CRITICAL, UNKNOWN = range(4)
PERFDATA = re.compile(r"[a-z_]{1,19}=-?[\d.e-]+(s|%)?(;[\d.e-]*){0,4}$")
OTHER_BASE = "1.3.6.1.4.1.32473.7.8"


def plugin(*arguments, code=None, env=None):
    """(exit code, text, {label: value with its limits}, the lines behind)."""
    p = subprocess.run([rig.program("check_ftp_auth_health"), *arguments],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       check=False, timeout=120, env=dict(os.environ, **(env or {})))
    out, error = p.stdout.decode("ascii"), p.stderr.decode()
    assert error == "", error
    first, *more = out.splitlines()
    text, _, perfdata = first.partition("|")
    word = re.match(r"FTP (OK|WARNING|CRITICAL|UNKNOWN) - ", text)
    assert word, out
    assert ("OK", "WARNING", "CRITICAL", "UNKNOWN").index(word.group(1)) == p.returncode, out
    items = perfdata.split()
    assert all(PERFDATA.match(item) for item in items), perfdata
    assert not any("|" in line for line in more), out
    if code is not None:
        assert p.returncode == code, out
    return p.returncode, text[word.end():], dict(i.split("=") for i in items), more


# ------------------------------------------------------------------ a login of its own


@pytest.mark.parametrize("script, code, word, limit", [
    ("good", OK, "230", 30), ("q269241", CRITICAL, "530 User", 30),
    ("silent-pass", CRITICAL, "timeout", 1), ("close-connect", CRITICAL, "closed", 30),
    ("perfdata", CRITICAL, "it's / time=0s", 30)])
def test_login(ftp, script, code, word, limit):
    server = ftp(script)
    _, text, perfdata, more = plugin("-H", "127.0.0.1", "-p", str(server.port), "-t", str(limit),
                                     code=code)
    assert word in text and server.where in text and not more
    assert perfdata["time"].endswith(";;;0;%d.000000" % limit) and "password" in perfdata


def test_login_nowhere():
    _, text, *_ = plugin("-H", "127.0.0.1:%d" % rig.free_port(), code=CRITICAL)
    assert "connection refused" in text


def test_login_over_ipv6(ftp):
    server = ftp("good", "::1")
    plugin("-H", server.where, code=OK)
    plugin("-6", "-H", "::1", "-p", str(server.port), code=OK)


def test_limits(ftp):
    server = ftp("slow")
    for options, code in ((("-w", "60", "-c", "120"), OK), (("-w", "0.001", "-c", "120"), WARNING),
                          (("-w", "0.001", "-c", "0.01"), CRITICAL), (("-c", "0.01"), CRITICAL)):
        _, _, perfdata, _ = plugin("-H", server.where, *options, code=code)
        assert perfdata["time"].split(";")[1:3] == [
            dict(zip(options[::2], options[1::2])).get(o, "") for o in ("-w", "-c")]
    refused = ftp("q269241")
    plugin("-H", refused.where, "-w", "0.000001", code=CRITICAL)


def test_verbose(ftp):
    server = ftp("perfdata")
    assert plugin("-H", server.where)[3] == []
    server.behave("q269241")
    once, twice = plugin("-H", server.where, "-v")[3], plugin("-H", server.where, "-vv")[3]
    assert len(once) == 1 and once[0].startswith("remedy: ")
    assert any("> USER anonymous" in line for line in twice)
    assert any(line.startswith("remedy: ") for line in twice)
    server.behave("perfdata")
    assert any("530 it's / time=0s" in line for line in plugin("-H", server.where, "-vvv")[3])


def test_login_with_evidence(ftp, tmp_path):
    server = ftp("iis4")
    (tmp_path / "control").write_text("x")
    (tmp_path / "set").write_text("AnonymousPasswordSync : (BOOLEAN) True\n")
    _, text, *_ = plugin(
        "-H", server.where, "-e", "module=%s/gone" % tmp_path,
        "-e", "control=%s/control" % tmp_path, "-e", "setting.url=%s/set" % tmp_path,
        "-e", "setting.format=adsutil", code=WARNING)
    assert "subAuthModuleMissing" in text


# ------------------------------------------------------------------ the command line


@pytest.mark.parametrize("arguments, word", [
    ((), "-H HOST"), (("host",), "host: write -H HOST"), (("-x",), "no such option: -x"),
    (("--nosuch",), "no such option: --nosuch"), (("-H",), "a value is missing: -H"),
    (("-H", "h", "-A", "a"), "one of -H"), (("-H", "h", "-T", "t"), "--target needs -A"),
    (("-H", "h", "-C", "c"), "--community needs -A"), (("-A", "a", "-4"), "-4 needs -H"),
    (("-A", "a", "-p", "snmp"), "port"), (("-H", ""), "host"), (("-H", "a b"), "host"),
    (("-H", "h:0"), "port"), (("-H", "h", "-p", "ftp"), "port"),
    (("-H", "h", "-t", "x"), "timeout"),
    (("-H", "h", "-w", "-1"), "--warning"), (("-H", "h", "-c", "1s"), "--critical"),
    (("-H", "h", "-w", "nan"), "--warning"), (("-H", "h", "-w", "2", "-c", "1"), "--warning"),
    (("-H", "h", "-e", "module"), "KEY=VALUE"), (("-H", "h", "-e", "nosuch=1"), "nosuch"),
    (("-A", "a", "-T", ""), "--target"), (("-A", "a", "-T", "x" * 65), "--target"),
    (("-A", "a", "-b", "1.x"), "--oid-base"), (("-A", "a", "-f", "relative"), "absolute"),
    (("-A", "a", "-C", "c", "-f", "/f"), "one of --community"),
    (("-A", "a", "-m", "0"), "--max-age"), (("-H", "h", "-d", "1"), "--tls-warn-days needs -A"),
    (("-A", "a", "-d", "-1"), "--tls-warn-days"), (("-A", "a", "-d", "3651"), "--tls-warn-days"),
    (("-A", "a", "-d", ""), "--tls-warn-days"), (("-A", "a", "-d", "1d"), "--tls-warn-days"),
    (("-A", ""), "agent"), (("-A", "a b"), "a blank"), (("-A", "x" * 300), "longer"),
    (("-A", "a|b"), "a/b")], ids=lambda v: " ".join(v)[:20] if isinstance(v, tuple) else None)
def test_bad_command_line(arguments, word):
    _, text, perfdata, more = plugin(*arguments, code=UNKNOWN)
    assert word in text and not perfdata and not more


@pytest.mark.parametrize("option", ["--help", "-h", "--version", "-V"])
def test_help_and_version(option):
    p = subprocess.run([rig.program("check_ftp_auth_health"), option], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False, timeout=60)
    assert (p.returncode, p.stderr) == (UNKNOWN, b"")
    out = p.stdout.decode()
    if option in ("--help", "-h"):
        assert out.startswith("usage: check_ftp_auth_health") and "--credentials" in out
        assert max(map(len, out.splitlines())) <= 90
    else:
        assert re.fullmatch(r"check_ftp_auth_health v[\d.]+ \(ftphealth\)\n", out)


# ------------------------------------------------------------------ a running agent


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


class Agents(nms.Watched):
    """An snmpd with a daemon behind it, and users and views of all sorts."""

    def __init__(self, folder, contract):
        super().__init__(contract)
        base = contract.base
        self.port6 = rig.free_port() if has_ipv6() else None
        self.snmpd = rig.Snmpd(sinks="\n".join([
            "view few included %s.1.2" % base, "view few included %s.1.12" % base,
            "view system included .1.3.6.1.2.1.1",
            "rocommunity few default -V few", "rocommunity system default -V system",
            "rocommunity elsewhere 192.0.2.1", "rocommunity6 public ::1"]))
        conf = self.snmpd.netsnmp.conf / "snmpd.conf"
        own = "agentaddress udp:127.0.0.1:%d" % self.snmpd.port
        if self.port6:
            conf.write_text(conf.read_text().replace(own, "%s,udp6:[::1]:%d" % (own, self.port6)))
        self.snmpd.start()
        self.servers = {name: ftpserver.FtpServer(script) for name, script in (
            ("good", "good"), ("refused", "q269241"), ("risk", "iis4"), ("bar", "perfdata"))}
        self.daemon = rig.Daemon(
            [target("good", self.servers["good"], index=3),
             target("refused", self.servers["refused"]),
             target("risk", self.servers["risk"], evidence=nms.at_risk(folder)),
             target("bar", self.servers["bar"]), target("gone", rig.free_port())],
            agentx=self.snmpd.agentx).start()
        for name, state in (("good", "ok"), ("risk", "atRisk"), ("refused", "refused"),
                            ("bar", "refused"), ("gone", "unreachable")):
            self.wait(name, state)


@pytest.fixture(scope="module")
def agents(tmp_path_factory):
    a = Agents(tmp_path_factory.mktemp("evidence"), rig.Contract())
    yield a
    a.close()


@pytest.fixture
def credentials(tmp_path):
    def write(*lines, mode=0o600):
        path = tmp_path / "who.conf"
        path.write_text("".join(line + "\n" for line in lines))
        path.chmod(mode)
        return str(path)
    return write


def v3(user="reader", auth="authpass123", priv="privpass123"):
    return ("defVersion 3", "defSecurityName " + user, "defSecurityLevel authPriv",
            "defAuthType SHA", "defAuthPassphrase " + auth, "defPrivType AES",
            "defPrivPassphrase " + priv)


def ask(agents, *arguments, **keys):
    return plugin("-A", agents.snmpd.where, *arguments, **keys)


@pytest.mark.parametrize("name, code, words", [
    ("good", OK, "good: 230 Login successful."),
    ("refused", CRITICAL, r"refused: 530 User \S+ cannot log in. \(subAuthModuleMissing, \d+%\)"),
    ("risk", WARNING, "risk: the login works, but will stop: password synchronization is on .*"),
    ("gone", CRITICAL, "gone: connection refused")])
def test_target(agents, name, code, words):
    _, text, perfdata, more = ask(agents, "-T", name, code=code)
    assert re.fullmatch(words, text) and not more
    assert set(perfdata) == {"time", "age", "failed"}
    assert (perfdata["failed"] == "0;;;0") == (code != CRITICAL)


def test_bar_of_a_server(agents):
    assert "it's / time=0s" in ask(agents, "-T", "bar", code=CRITICAL)[1]


def test_summary(agents):
    _, text, perfdata, _ = ask(agents, code=CRITICAL)
    assert text.startswith("of 5 targets 2 refuse the login, 1 is unreachable")
    got = {label: int(perfdata[label].split(";")[0]) for label in (
        "ok", "at_risk", "degraded", "refused", "unreachable", "unknown", "disabled")}
    assert got == {"ok": 1, "at_risk": 1, "degraded": 0, "refused": 2, "unreachable": 1,
                   "unknown": 0, "disabled": 0}
    assert perfdata["ok"].endswith(";0;5") and perfdata["lag"].split(";")[0].endswith("s")


def test_versions_of_snmp(agents, credentials):
    for lines in (["defVersion 1"], ["defVersion 2c", "defCommunity public"], v3()):
        f = credentials(*lines)
        assert ask(agents, "-f", f, "-T", "good", code=OK)[2]["failed"] == "0;;;0"
        ask(agents, "-f", f, "-T", "nosuch", code=UNKNOWN)
        ask(agents, "-f", f, code=CRITICAL)
    ask(agents, "-C", "public", "-T", "good", code=OK)


def test_forms_of_an_address(agents):
    port = agents.snmpd.port
    for arguments in (("127.0.0.1", "-p", str(port)), ("udp:127.0.0.1:%d" % port,),
                      ("localhost:%d" % port,)):
        plugin("-A", *arguments, "-T", "good", code=OK)
    if not agents.port6:
        pytest.skip("no IPv6 here")
    for arguments in (("::1", "-p", str(agents.port6)), ("udp6:[::1]:%d" % agents.port6,)):
        plugin("-A", *arguments, "-T", "good", code=OK)
        assert "udp6:[::1]:%d" % agents.port6 in plugin("-A", *arguments, "-T", "x")[1]


def test_what_the_mib_recommends_for_communities(agents):
    """The summary and the names alone: enough, but ages are not known."""
    assert set(ask(agents, "-C", "few", "-T", "refused", code=CRITICAL)[2]) == {"time"}
    assert "ok" in ask(agents, "-C", "few", code=CRITICAL)[2]
    assert "no target \"x\"" in ask(agents, "-C", "few", "-T", "x", code=UNKNOWN)[1]


def test_limits_of_a_target(agents):
    ask(agents, "-T", "good", "-w", "0.000001", code=WARNING)
    _, _, perfdata, _ = ask(agents, "-T", "good", "-w", "0.000001", "-c", "0.00001", code=CRITICAL)
    assert perfdata["time"].split(";")[1:4] == ["1e-06", "1e-05", "0"]
    ask(agents, "-T", "refused", "-w", "0.000001", code=CRITICAL)


def test_verbose_agent(agents, contract):
    assert "remedy: " in ask(agents, "-T", "refused", "-v")[1]
    assert "remedy: " not in ask(agents, "-T", "refused")[1]
    twice = ask(agents, "-T", "good", "-vv")[3]
    assert "ftpAuthNameService = 0" in twice and "ftpAuthTargetInterval = 1" in twice
    thrice = ask(agents, "-T", "good", "-vvv")[3]
    oid = contract("ftpAuthNameService", name_index("good")).lstrip(".")
    assert "ftpAuthNameService (%s) = 0" % oid in thrice


def test_certificate(snmpd, daemon, tmp_path):
    """As in a login of its own; but a state that is worse stays, and so does a plain target."""
    authority, s = ftps.Authority(tmp_path), snmpd().start()
    tls = tls_keys("explicit", ca=authority.ca)
    servers = {days: ftps.FtpsServer(authority.issue("c%d" % days, days=days))
               for days in (5, 15, -1)}
    plain = ftpserver.FtpServer("good")
    try:
        daemon([target("soon", servers[5], **tls), target("later", servers[15], **tls),
                target("past", servers[-1], **dict(tls, **{"tls-verify": False})),
                target("refused", servers[-1], **tls), target("plain", plain)],
               agentx=s.agentx).start()

        def ask_target(name, *options):
            return plugin("-A", s.where, "-T", name, *options)[:2]

        def settled(name, code, end):
            rig.wait_until(lambda: ask_target(name)[0] == code and
                           re.search(end + "$", ask_target(name)[1]), "%s: %s" % (name, end))
        settled("soon", WARNING, "soon: 230 in; its certificate ends in [45] days")
        settled("past", WARNING, "; its certificate has expired")
        settled("refused", CRITICAL, "; its certificate has expired")
        settled("later", OK, "later: 230 in")
        settled("plain", OK, "Login successful.")
        code, text = ask_target("later", "-d", "16")
        assert code == WARNING and re.search("; its certificate ends in 1[45] days$", text)
        for days in ("4", "0"):
            assert ask_target("soon", "--tls-warn-days", days)[0] == OK
        assert ask_target("past", "-d", "0") == (OK, "past: 230 in")
        assert "certificate" not in ask_target("plain", "-d", "3650")[1]
    finally:
        for server in (*servers.values(), plain):
            server.close()


# ------------------------------------------------------------------ an agent that is of no use


def why(agents, *arguments):
    _, text, perfdata, more = ask(agents, *arguments, code=UNKNOWN)
    assert not perfdata and not more
    assert len(text) < 250
    # Never a library's own words, nor where in a source something failed.
    assert not re.search(r"ASN|PDU|snmp_|\.c:|errno|bad request|JSON", text), text
    return text


def why_patiently(agents, word, *arguments):
    """What is told only when the time is over: a busy machine gets more of it."""
    for limit in ("500ms", "4", "20"):
        text = why(agents, "-t", limit, *arguments)
        if word in text:
            break
    assert word in text
    return text


@pytest.mark.parametrize("name", ["nosuch", "GOOD", "goo", "good ", "\xc3\xa4", "a/b|c"])
def test_target_unknown(agents, name):
    text = why(agents, "-T", name)
    assert "has no target \"%s\" among its 5" % name.replace("|", "/") in text \
        or not name.isascii()


def test_wrong_community(agents, credentials):
    for options in (("-C", "wrong"), ("-C", "elsewhere"),
                    ("-f", credentials("defVersion 1", "defCommunity wrong"))):
        text = why_patiently(
            agents, "the agent is there, but takes no such community from this host", *options)
        assert "wrong" not in text


@pytest.mark.parametrize("lines, word", [
    (v3(user="nosuch"), "does not know this user"),
    (v3(auth="wrongpass123"), "wrong authentication passphrase"),
    (v3(priv="wrongpass123"), "wrong privacy passphrase"),
    (v3(user="notifier"), "does not let this community or user read")])
def test_wrong_user(agents, credentials, lines, word):
    assert "pass123" not in why_patiently(agents, word, "-f", credentials(*lines))


def test_credentials_that_cannot_be_used(agents, credentials):
    assert "No such file" in why(agents, "-f", "/nosuch/file")
    assert "others" in why(agents, "-f", credentials("defVersion 3", mode=0o644))
    assert "line 2" in why(agents, "-f", credentials("defVersion 2c", "mibs s3cret"))
    assert "defSecurityName" in why(agents, "-f", credentials("defVersion 3"))


def test_hidden(agents):
    assert "ftphealthd is there, but this community or user may not read" in why(
        agents, "-C", "system")


def test_another_base(agents, contract):
    for base in (OTHER_BASE, "." + OTHER_BASE):
        text = why(agents, "-b", base, "-T", "good")
        assert "its base is another: use --oid-base %s" % contract.base.lstrip(".") in text
    ask(agents, "-b", contract.base, "-T", "good", code=OK)


def test_agent_with_another_base(ftp, daemon):
    port = rig.free_port()
    d = daemon([target("plant7", ftp("good"))], listen=port, top={"oid-base": OTHER_BASE}).start()
    rig.wait_until(lambda: d.manager.status().endswith("1 ok"), "the first login")
    where = "127.0.0.1:%d" % port
    _, text, *_ = plugin("-A", where, "-T", "plant7", code=UNKNOWN)
    assert "use --oid-base " + OTHER_BASE in text
    plugin("-A", where, "-T", "plant7", "-b", OTHER_BASE, code=OK)


def test_agent_that_is_not_ours(snmpd):
    s = snmpd().start()
    _, text, *_ = plugin("-A", s.where, code=UNKNOWN)
    assert "it answers, but ftphealthd is not there" in text


def test_no_agent():
    _, text, *_ = plugin("-A", "127.0.0.1:%d" % rig.free_port(), code=UNKNOWN)
    assert "not reachable: Connection refused" in text
    _, text, *_ = plugin("-A", "nosuch.invalid", code=UNKNOWN)
    assert "no address" in text


def test_silent_agent(snmpd):
    s = snmpd().start()
    s.freeze()
    try:
        _, text, *_ = plugin("-A", s.where, "-t", "1", code=UNKNOWN)
        assert "no answer; a wrong community" in text and "(waited 1 s)" in text
    finally:
        s.thaw()


def test_no_helper(tmp_path):
    """Where ftphealth-snmp is neither beside the plugin nor where it is installed."""
    alone = tmp_path / "check"
    alone.write_bytes(pathlib.Path(rig.program("check_ftp_auth_health")).read_bytes())
    alone.chmod(0o755)
    p = subprocess.run([alone, "-A", "127.0.0.1:1"], stdout=subprocess.PIPE, check=False,
                       timeout=60)
    out = p.stdout.decode()
    assert p.returncode == UNKNOWN and ("ftphealth-snmp" in out or "Connection refused" in out)


# ------------------------------------------------------------------ an agent that is stale


def test_daemon_that_hangs_or_ends(ftp, snmpd, daemon):
    s = snmpd().start()
    d = daemon([target("plant7", ftp("good"))], agentx=s.agentx).start()
    rig.wait_until(lambda: plugin("-A", s.where, "-T", "plant7")[0] == OK, "the first login")
    d.process.send_signal(signal.SIGSTOP)
    try:
        for limit in ("1", "4"):  # then snmpd gives it up
            _, text, *_ = plugin("-A", s.where, "-T", "plant7", "-t", limit, code=UNKNOWN)
            if "whom it asks in turn hangs" in text:
                break
        assert "whom it asks in turn hangs" in text or "ftphealthd is not there" in text
    finally:
        d.process.send_signal(signal.SIGCONT)
    d.stop()
    _, text, *_ = plugin("-A", s.where, "-T", "plant7", code=UNKNOWN)
    assert "ftphealthd is not there" in text


@pytest.fixture
def told(snmpd, contract):
    """An snmpd that says the words of an agent with one target, "a"."""
    own = {"ftpAuthAgentState": 2, "ftpAuthAgentOutage": 2, "ftpAuthAgentConfigError": "",
           "ftpAuthSummaryTotal": 1, "ftpAuthSummaryService": 0,
           "ftpAuthSummaryText": "OK - 1 target", "ftpAuthNameService": 0, "ftpAuthNameIndex": 1,
           "ftpAuthNameText": "OK - a: fine", "ftpAuthNameTotal": 9, "ftpAuthStatusProbeAge": 41,
           "ftpAuthTargetInterval": 10, "ftpAuthTargetTimeout": 1000, "ftpAuthStatusState": 1}

    def start(**values):
        lines = []
        for name, value in dict(own, **values).items():
            index = name_index("a") if name.startswith("ftpAuthName") else 1
            oid = contract(name, None if contract.kinds[name] == "scalar" else index)
            lines.append("override %s %s" % (oid, 'octet_str "%s"' % value if isinstance(
                value, str) else "uinteger %d" % value))
        return snmpd(sinks="\n".join(lines)).start().where
    return start


def test_old_data(told):
    """Three intervals, the timeout and ten seconds are believed, or what --max-age says."""
    where = told()
    assert plugin("-A", where, "-T", "a", code=OK)[2]["age"] == "41s;;;0"
    _, text, *_ = plugin("-A", where, "-T", "a", "-m", "40", code=UNKNOWN)
    assert "; but that was 41 s ago, and at most 40 s are believed" in text
    where = told(ftpAuthStatusProbeAge=42)
    assert "at most 41 s are believed" in plugin("-A", where, "-T", "a", code=UNKNOWN)[1]
    plugin("-A", where, "-T", "a", "-m", "42", code=OK)


def test_no_data(told):
    """Never probed, or not probed any more: that is for the state to say."""
    where = told(ftpAuthStatusProbeAge=4294967295, ftpAuthNameService=3,
                 ftpAuthNameText="UNKNOWN - a: not probed yet", ftpAuthStatusState=6)
    _, text, perfdata, _ = plugin("-A", where, "-T", "a", code=UNKNOWN)
    assert text == "a: not probed yet" and "age" not in perfdata
    where = told(ftpAuthStatusProbeAge=90000, ftpAuthNameService=3,
                 ftpAuthNameText="UNKNOWN - a: disabled", ftpAuthStatusState=7)
    assert plugin("-A", where, "-T", "a", code=UNKNOWN)[1] == "a: disabled"


@pytest.mark.parametrize("values, word", [
    ({"ftpAuthAgentState": 4}, "ftphealthd is stopping"),
    ({"ftpAuthAgentOutage": 1}, "its own network seems to be down")])
def test_agent_that_does_not_know(told, values, word):
    where = told(**values)
    for options in ((), ("-T", "a")):
        assert word in plugin("-A", where, *options, code=UNKNOWN)[1]


def test_impaired(told):
    where = told(ftpAuthAgentState=3, ftpAuthAgentConfigError="/etc/x.yaml:3: no such key")
    assert "impaired: /etc/x.yaml:3" in plugin("-A", where, code=WARNING)[1]
    plugin("-A", where, "-T", "a", code=OK)


def test_nonsense(told):
    where = told(ftpAuthNameService=17, ftpAuthSummaryService="what")
    plugin("-A", where, code=UNKNOWN)
    plugin("-A", where, "-T", "a", code=UNKNOWN)
