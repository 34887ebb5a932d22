# SPDX-License-Identifier: ISC
"""`ftphealth check` against everything that a server may do."""
import concurrent.futures
import ftplib
import json
import re
import subprocess

import pytest

import ftpserver
import rig

OK = ("ok", 0)
REFUSED = ("refused", 2)
UNREACHABLE = ("unreachable", 2)

# Script, outcome, stage, code of the decisive reply, state and exit code, whether QUIT is said.
ROWS = [
    ("good", "ok", "none", 230, OK, True),
    ("iis4", "ok", "none", 230, OK, True),
    ("slow", "ok", "none", 230, OK, True),
    ("multiline", "ok", "none", 230, OK, True),
    ("bare-lf", "ok", "none", 230, OK, True),
    ("no-text", "ok", "none", 230, OK, True),
    ("drip", "ok", "none", 230, OK, True),
    ("one-segment", "ok", "none", 230, OK, True),
    ("wait-120", "ok", "none", 230, OK, True),
    ("pure-ftpd-230", "ok", "none", 230, OK, True),
    ("user-232", "ok", "none", 232, OK, True),
    ("pass-202", "ok", "none", 202, OK, True),
    ("banner-230", "ok", "none", 230, OK, True),
    ("no-quit", "ok", "none", 230, OK, True),
    ("quit-close", "ok", "none", 230, OK, True),
    ("quit-reset", "ok", "none", 230, OK, True),
    ("q269241", "loginRefused", "password", 530, REFUSED, True),
    ("multiline-refusal", "loginRefused", "password", 530, REFUSED, True),
    ("banner-421", "temporaryRefusal", "banner", 421, REFUSED, False),
    ("banner-450", "temporaryRefusal", "banner", 450, REFUSED, True),
    ("banner-500", "loginRefused", "banner", 500, REFUSED, True),
    ("banner-530", "loginRefused", "banner", 530, REFUSED, True),
    ("banner-331", "protocolError", "banner", 331, UNREACHABLE, False),
    ("user-421", "temporaryRefusal", "user", 421, REFUSED, False),
    ("user-430", "temporaryRefusal", "user", 430, REFUSED, True),
    ("user-530", "loginRefused", "user", 530, REFUSED, True),
    ("user-550", "loginRefused", "user", 550, REFUSED, True),
    ("user-332", "loginRefused", "user", 332, REFUSED, True),
    ("user-120", "protocolError", "user", 120, UNREACHABLE, False),
    ("pass-331", "loginRefused", "password", 331, REFUSED, True),
    ("pass-332", "loginRefused", "password", 332, REFUSED, True),
    ("pass-421", "temporaryRefusal", "password", 421, REFUSED, False),
    ("pass-430", "temporaryRefusal", "password", 430, REFUSED, True),
    ("pass-450", "temporaryRefusal", "password", 450, REFUSED, True),
    ("pass-530", "loginRefused", "password", 530, REFUSED, True),
    ("pass-530-close", "loginRefused", "password", 530, REFUSED, None),
    ("pass-530-cut", "loginRefused", "password", 530, REFUSED, None),
    ("pass-530-slow", "loginRefused", "password", 530, REFUSED, True),
    ("silent-connect", "timeout", "banner", 0, UNREACHABLE, False),
    ("silent-120", "timeout", "banner", 0, UNREACHABLE, False),
    ("silent-user", "timeout", "user", 0, UNREACHABLE, False),
    ("silent-pass", "timeout", "password", 0, UNREACHABLE, False),
    ("half-banner", "timeout", "banner", 0, UNREACHABLE, False),
    ("half-user", "timeout", "user", 0, UNREACHABLE, False),
    ("half-pass", "timeout", "password", 0, UNREACHABLE, False),
    ("second-banner", "timeout", "banner", 0, UNREACHABLE, False),
    ("second-user", "timeout", "user", 0, UNREACHABLE, False),
    ("second-pass", "timeout", "password", 0, UNREACHABLE, False),
    ("second-quit", "ok", "none", 230, OK, True),
    ("close-connect", "connectionClosed", "banner", 0, UNREACHABLE, False),
    ("close-half-banner", "connectionClosed", "banner", 0, UNREACHABLE, False),
    ("close-user", "connectionClosed", "user", 0, UNREACHABLE, False),
    ("close-pass", "connectionClosed", "password", 0, UNREACHABLE, False),
    ("reset-connect", "connectionClosed", "banner", 0, UNREACHABLE, False),
    ("reset-user", "connectionClosed", "user", 0, UNREACHABLE, False),
    ("reset-pass", "connectionClosed", "password", 0, UNREACHABLE, False),
    ("ssh", "protocolError", "banner", 0, UNREACHABLE, False),
    ("http", "protocolError", "banner", 0, UNREACHABLE, False),
    ("smtp-220", "loginRefused", "user", 502, REFUSED, True),
    ("garbage", "protocolError", "banner", 0, UNREACHABLE, False),
    ("nuls", "protocolError", "banner", 0, UNREACHABLE, False),
    ("code-999", "protocolError", "banner", 0, UNREACHABLE, False),
    ("code-22", "protocolError", "banner", 0, UNREACHABLE, False),
    ("garbage-user", "protocolError", "user", 0, UNREACHABLE, False),
    ("garbage-pass", "protocolError", "password", 0, UNREACHABLE, False),
    ("megabyte-not-ftp", "protocolError", "banner", 0, UNREACHABLE, False),
    ("megabyte-banner", "protocolError", "banner", 0, UNREACHABLE, False),
    ("endless-banner", "protocolError", "banner", 0, UNREACHABLE, False),
    ("endless-line", "protocolError", "banner", 0, UNREACHABLE, False),
    ("endless-user", "protocolError", "user", 0, UNREACHABLE, False),
    ("endless-quit", "ok", "none", 230, OK, True),
    ("endless-pass", "protocolError", "password", 0, UNREACHABLE, False),
    ("nul-in-text", "loginRefused", "password", 530, REFUSED, True),
    ("escapes", "loginRefused", "password", 530, REFUSED, True),
    ("formats", "loginRefused", "password", 530, REFUSED, True),
    ("bad-utf8", "loginRefused", "password", 530, REFUSED, True),
    ("overflow", "loginRefused", "password", 530, REFUSED, True),
    ("utf8", "loginRefused", "password", 530, REFUSED, True),
    ("latin1", "loginRefused", "password", 530, REFUSED, True),
    ("perfdata", "loginRefused", "password", 530, REFUSED, True),
]
NAMES = [row[0] for row in ROWS]
STAGES = ["resolve", "connect", "banner", "user", "password"]


def options(name):
    """Servers that say nothing are not waited for long; the others may take their time."""
    return ["--timeout", "2" if name.startswith(("silent", "half", "second")) else "25"]


class Check:
    """One server, asked in the three ways."""

    def __init__(self, name):
        with ftpserver.FtpServer(name) as server:
            self.where = server.where
            self.code, out, self.error = rig.run_ftphealth(
                "check", "--json", *options(name), server.where)
            self.json_text = out
            rig.wait_until(lambda: len(server.done) == 1, "the end of the session")
            self.session = server.sessions[0]
            self.line_code, self.line, self.line_error = rig.run_ftphealth(
                "check", *options(name), server.where)
            self.verbose_code, self.verbose, _ = rig.run_ftphealth(
                "check", "-v", *options(name), server.where)

    @property
    def json(self):
        return json.loads(self.json_text)


@pytest.fixture(scope="module")
def checks():
    """All servers, several at a time: some of the answers are a matter of waiting."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        return dict(zip(NAMES, pool.map(Check, NAMES)))


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_outcome(checks, row):
    name, outcome, stage, code, (state, exit_code), _ = row
    check = checks[name]
    assert check.error == ""
    got = check.json
    assert (got["outcome"], got["stage"], got["reply_code"]) == (outcome, stage, code)
    assert (got["state"], check.code) == (state, exit_code)


@pytest.mark.parametrize("name", NAMES)
def test_json_is_whole(checks, name):
    got = checks[name].json
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", checks[name].json_text)
    for reply in got["replies"]:
        assert reply["stage"] in STAGES and 100 <= reply["code"] <= 699
        assert isinstance(reply["text"], str)
    if got["reply_code"]:
        assert got["replies"][-1]["code"] == got["reply_code"]
        assert got["reply_text"] == got["replies"][-1]["text"].split("\n")[-1]
    timing = got["timing_us"]
    assert set(STAGES) | {"total"} <= set(timing)
    assert timing["total"] > 0 and timing["connect"] > 0
    last = "password" if got["stage"] == "none" else got["stage"]
    for stage in STAGES[STAGES.index(last) + 1:]:
        assert timing[stage] == 0, stage + " was not reached"
    assert sum(timing[s] for s in STAGES) <= timing["total"] * 1.01 + 1000
    assert 0 <= got["confidence"] <= 100


PERFDATA = re.compile(r"^'?[a-z_]+'?=[0-9.]+(s|us|ms|%|B|c)?(;[0-9.]*){0,4}$")


@pytest.mark.parametrize("name", NAMES)
def test_plugin_line(checks, name):
    check = checks[name]
    assert check.line_error == ""
    assert re.fullmatch(r"[ -~]+\n", check.line), "one line of printable ASCII"
    text, bar, perfdata = check.line.rstrip("\n").partition("|")
    assert bar, "no perfdata"
    word = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][check.line_code]
    assert text.startswith("FTP %s - " % word)
    for item in perfdata.split():
        assert PERFDATA.match(item), item
    assert check.line_code == check.verbose_code


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_manners(checks, row):
    """What the server heard: one login at most, and a farewell where one is due."""
    name, _, _, _, _, farewell = row
    session = checks[name].session
    said = " ".join(line.split(b" ")[0].decode() for _, line in session.lines)
    assert re.fullmatch(r"(USER( PASS)?)? ?(QUIT)?", said)
    if session.user is not None:
        assert session.user == "anonymous"
    if session.password is not None:
        assert re.fullmatch(r"[ -~]+@[ -~]*", session.password), "an e-mail address"
    if farewell is not None:
        assert session.quit == farewell


@pytest.mark.parametrize("name", NAMES)
def test_verbose(checks, name):
    check = checks[name]
    assert re.fullmatch(r"([ -~]*\n)+", check.verbose), "printable ASCII"
    for reply in check.json["replies"]:
        for line in reply["text"].split("\n"):
            if re.fullmatch(r"[ -~]{1,100}", line):
                assert line in check.verbose.replace("\\\\", "\\")
    if check.session.user is not None:
        assert "> USER anonymous" in check.verbose


def test_q269241_to_the_letter(checks):
    check = checks["q269241"]
    got = check.json
    texts = [(r["stage"], r["code"], r["text"]) for r in got["replies"]]
    assert texts == [
        ("banner", 220, "someserver Microsoft FTP Service (Version 4.0)."),
        ("user", 331, "Anonymous access allowed, send identity (e-mail name) as password."),
        ("password", 530, "User %s cannot log in." % check.session.password)]
    assert got["diagnosis"] == "subAuthModuleMissing"
    assert got["reference"] == "Q269241, Q200475"
    assert "530 User %s cannot log in." % check.session.password in check.line
    assert "> PASS ****" in check.verbose


def test_multiline_text(checks):
    texts = [r["text"] for r in checks["multiline"].json["replies"]]
    assert texts == ["Welcome\nnot the end of line 2?", "Anonymous\n 331 indented is text\n"
                     "send e-mail", "Hello\n530 other code inside\nmore\nDone."]


def test_foreign_text(checks):
    assert checks["utf8"].json["reply_text"] == "Acc\u00e8s refus\u00e9 \u2014 non"
    assert checks["latin1"].json["reply_text"] == "Zugriff verweigert f\\xFCr Benutzer" or \
        checks["latin1"].json["reply_text"] == "Zugriff verweigert f\\xFCr Benutzer"
    assert checks["formats"].json["reply_text"] == "%s%n%p%d %1000000s %%n"
    assert checks["bad-utf8"].json["reply_text"] == (
        "\\xC3( \\xED\\xA0\\x80 \\xF4\\x90\\x80\\x80 \\xC0\\xAF \\xF0\\x9F")
    assert checks["perfdata"].json["reply_text"].startswith("it's | time=0s;;; <b>&amp;</b>")
    assert "it's / time=0s" in checks["perfdata"].line


def test_credentials(ftp):
    server = ftp("good")
    code, _, _ = rig.run_ftphealth("check", "--user", "jane doe", "--password", "a:b c",
                                   server.where)
    assert code == 0
    rig.wait_until(lambda: server.done, "the end of the session")
    assert (server.sessions[0].user, server.sessions[0].password) == ("jane doe", "a:b c")


# ------------------------------------------------------------------ addresses


def check_json(*arguments):
    code, out, error = rig.run_ftphealth("check", "--json", *arguments)
    assert error == ""
    return code, json.loads(out)


def test_refused_connection(ftp):
    server = ftp()
    server.down()
    code, got = check_json(server.where)
    assert (code, got["state"], got["outcome"]) == (2, "unreachable", "connectionRefused")
    assert (got["stage"], got["reply_code"], got["replies"]) == ("connect", 0, [])


def test_name(ftp):
    code, got = check_json("-4", "localhost:%d" % ftp().port)
    assert (code, got["outcome"], got["address"]) == (0, "ok", "127.0.0.1")


@pytest.mark.parametrize("form", ["[::1]:%d", "localhost:%d"])
def test_ipv6(ftp, form):
    try:
        server = ftp(address="::1")
    except OSError as e:
        pytest.skip("no IPv6 on this machine: %s" % e.strerror)
    code, got = check_json("-6", form % server.port)
    if form.startswith("localhost") and got["outcome"] == "resolveFailed":
        pytest.skip("localhost has no IPv6 address on this machine")
    assert (code, got["outcome"], got["address"]) == (0, "ok", "::1")


def empty_network():
    """A command that runs another one where there is no network at all."""
    for options_ in (["-n"], ["-r", "-n"]):
        command = ["unshare", *options_]
        p = subprocess.run([*command, "true"], stderr=subprocess.DEVNULL, check=False)
        if p.returncode == 0:
            return command
    pytest.skip("this machine gives no network namespace")
    return None


@pytest.mark.parametrize("host,outcome,stage", [
    ("ftp.example.invalid", "resolveFailed", "resolve"),
    ("192.0.2.1", "noRoute", "connect"),
])
def test_no_network(host, outcome, stage):
    p = subprocess.run([*empty_network(), rig.program("ftphealth"), "check", "--json", host],
                       stdout=subprocess.PIPE, check=False, timeout=120)
    got = json.loads(p.stdout)
    assert (got["outcome"], got["stage"], got["state"]) == (outcome, stage, "unreachable")
    assert p.returncode == 2


# ------------------------------------------------------------------ the command line


@pytest.mark.parametrize("arguments", [
    [], ["nonsense"], ["--nonsense"], ["check"], ["check", "--nonsense", "localhost"],
    ["check", "localhost", "localhost"], ["check", "localhost:0"], ["check", "localhost:65536"],
    ["check", "localhost:ftp"], ["check", "localhost:"], ["check", ":21"], ["check", ""],
    ["check", "[::1"], ["check", "[::1]x"], ["check", "--timeout", "0", "localhost"],
    ["check", "--timeout", "-1", "localhost"], ["check", "--timeout", "soon", "localhost"],
    ["check", "--timeout"], ["check", "--user", "a\r\nDELE x", "localhost"],
    ["check", "--password", "a\nb", "localhost"], ["check", "a host"],
], ids=lambda a: " ".join(a).encode("unicode_escape").decode() or "nothing")
def test_bad_command_line(arguments):
    code, out, error = rig.run_ftphealth(*arguments)
    assert (code, out) == (64, "")
    assert "usage: ftphealth" in error


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["--version"]])
def test_help(arguments):
    code, out, error = rig.run_ftphealth(*arguments)
    assert (code, error) == (0, "") and "ftphealth" in out


# ------------------------------------------------------------------ real servers


def hold_a_session(server):
    """Logs in and stays; the server may still count the session that found it ready."""
    def login():
        client = ftplib.FTP()
        try:
            client.connect("127.0.0.1", server.port, timeout=rig.PATIENCE)
            client.login()
            return client
        except ftplib.all_errors:
            client.close()
            return None
    return rig.wait_until(login, "a session")


@pytest.mark.parametrize("name,variant,outcome,codes", [
    ("vsftpd", "open", "ok", [230]),
    ("vsftpd", "off", "loginRefused", [530]),
    ("vsftpd", "full", "temporaryRefusal", [421]),
    ("proftpd", "open", "ok", [230]),
    ("proftpd", "off", "loginRefused", [530]),
    ("proftpd", "full", "loginRefused", [530]),
    ("pure-ftpd", "open", "ok", [230]),
    ("pure-ftpd", "full", "temporaryRefusal", [421]),
])
def test_real_server(real_server, name, variant, outcome, codes):
    server = real_server(name, variant)
    holder = hold_a_session(server) if variant == "full" else None
    code, got = check_json("--timeout", "25", server.where)
    if holder:
        holder.close()
    assert (got["outcome"], got["state"]) == (outcome, "ok" if outcome == "ok" else "refused")
    assert got["reply_code"] in codes and got["reply_text"]
    assert code == (0 if outcome == "ok" else 2)
