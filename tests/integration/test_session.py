# SPDX-License-Identifier: ISC
"""What is asked after a login: PWD, a listing, a file; against real servers and odd ones."""
import hashlib
import json
import os
import socket
import threading

import pytest

import ftps
import ftpserver
import realservers
import rig
from ftpserver import (CLOSE, DATA_CLOSE, DATA_RESET, HANG, LISTEN, REFUSE, data, endless_data,
                       session, sleep)
from proxy import Proxy

CONTENT = b"what users want\n" * 5000
SHA = hashlib.sha256(CONTENT).hexdigest()
OTHER = hashlib.sha256(b"").hexdigest()
FILES = {"anon/README": CONTENT.decode(), "anon/empty": ""}
PASSIVE_ON = {"pasv_enable": "YES"}
REAL = {"vsftpd": PASSIVE_ON, "proftpd": {}, "pure-ftpd": {}, "pyftpdlib": {}}
TLS = {
    "vsftpd": dict(PASSIVE_ON, allow_anon_ssl="YES", require_ssl_reuse="YES"),
    "proftpd": {},  # its default: the session is wanted again
    "pure-ftpd": {"flags": ["-e", "-Y", "2"]},
    "pyftpdlib": {"handler": {"tls_data_required": True}},
}


def check(where, *wanted, code=None, options=(), **keys):
    """The JSON of one probe; WANTED are values of --after-login."""
    words = [word for value in wanted for word in ("--after-login", str(value))]
    got, out, error = rig.run_ftphealth("check", "--json", *options, *words, where, **keys)
    assert out, error
    result = json.loads(out)
    assert code is None or got == code, out
    return result


def real(name, **keys):
    why = realservers.why_not(name)
    if why:
        pytest.skip(why)
    return realservers.RealServer(name, files=FILES, **keys)


@pytest.fixture(name="scripted")
def make_scripted():
    made = []

    def make(*arguments, **keys):
        made.append(ftpserver.FtpServer(*arguments, **keys))
        return made[-1]
    yield make
    for s in made:
        s.close()


def is_good(r, command, octets=None):
    a = r["after_login"]
    assert (r["state"], r["outcome"], a["result"]) == ("ok", "ok", "ok"), a
    assert a["command"] == command
    if command == "pwd":
        assert a["reply_code"] == 257
        return a
    t = a["timing_us"]
    assert 0 < t["passive"] <= t["data"] <= t["session"]
    assert octets is None or a["octets"] == octets
    assert t["first"] > 0 or a["octets"] == 0
    return a


def is_bad(r, result, diagnosis, code=None, detail=None):
    a = r["after_login"]
    assert (r["state"], r["service"], r["outcome"]) == ("degraded", "warning", "ok"), r
    assert (a["result"], r["diagnosis"], r["confidence"]) == (result, diagnosis, 100), a
    assert r["remedy"] and r["rule"] == "after-login"
    assert code is None or a["reply_code"] == code, a
    assert detail is None or detail in a["detail"], a
    return a


# ------------------------------------------------------------------ real servers


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("name", REAL)
def test_real(name, address):
    with real(name, address=address, **REAL[name]) as s:
        is_good(check(s.where, "pwd", code=0), "pwd")
        a = is_good(check(s.where, "list", code=0), "list")
        assert (a["address"], a["truncated"]) == (address, False) and a["octets"] > 20
        a = is_good(check(s.where, "retr", "path=/README", "sha256=" + SHA, code=0), "retr",
                    len(CONTENT))
        assert a["sha256"] == SHA
        a = is_good(check(s.where, "retr", "path=/empty", "sha256=" + OTHER.upper(), code=0), "retr", 0)
        a = is_bad(check(s.where, "retr", "path=/README", "sha256=" + OTHER, code=1),
                   "contentMismatch", "contentMismatch", detail="SHA-256 is " + SHA)
        assert a["sha256"] == SHA
        a = is_bad(check(s.where, "retr", "path=/gone", code=1), "fileUnavailable", "fileUnavailable",
                   550)
        a = is_good(check(s.where, "retr", "path=/README", "max-size=4K", code=0), "retr", 4096)
        assert (a["truncated"], a["sha256"]) == (True, "")
        is_bad(check(s.where, "retr", "path=/README", "max-size=4K", "sha256=" + SHA, code=1),
               "contentTooLarge", "contentTooLarge", detail="more than 4096 octets")


@pytest.mark.parametrize("name", REAL)
def test_real_pasv(name):
    with real(name, **REAL[name]) as s:
        a = is_good(check(s.where, "list", "passive=pasv", code=0), "list")
        assert [r["command"] for r in a["replies"]] == ["TYPE A", "PASV", "LIST", "LIST"]


@pytest.mark.parametrize("name, mode", [(name, {}) for name in TLS] + [
    ("proftpd", {"lines": "TLSProtocol TLSv1.2"}), ("proftpd", {"lines": "TLSProtocol TLSv1.3"})])
def test_real_tls(name, mode, tmp_path):
    """Data goes in TLS, with the session of the control connection where the server wants it."""
    ca = ftps.Authority(tmp_path)
    options = ["--tls", "explicit", "--tls", "ca=%s" % ca.ca]
    with real(name, tls=ca.issue("localhost"), **dict(TLS[name], **mode)) as s:
        r = check(s.where, "list", code=0, options=options)
        is_good(r, "list")
        if mode:
            assert r["tls"]["protocol"] == mode["lines"].split()[1]
        r = check(s.where, "retr", "path=/README", "sha256=" + SHA, code=0, options=options)
        is_good(r, "retr", len(CONTENT))
        is_bad(check(s.where, "retr", "path=/gone", code=1, options=options), "fileUnavailable",
               "fileUnavailable", 550)


@pytest.mark.parametrize("way, result, detail", [
    ("tls", "ok", ""), ("clear", "tlsFailed", "in clear"), ("close", "tlsFailed", "before TLS"),
    ("hang", "tlsFailed", "TLS on the data connection is not ready in time")])
def test_tls_of_data(way, result, detail, tmp_path):
    """The login is in TLS: data in clear is not taken, nor is a handshake that does not end waited for."""
    ca = ftps.Authority(tmp_path)
    s = ftps.FtpsServer(ca.issue("localhost"), data=way)
    try:
        r = check(s.where, "list", options=["--tls", "explicit", "--tls", "ca=%s" % ca.ca, "-t", "2s"])
    finally:
        s.close()
    a = r["after_login"]
    assert (a["result"], r["outcome"]) == (result, "ok") and detail in a["detail"], a
    assert a["octets"] == (4 if way == "tls" else 0)


def in_clear(connection):
    os.write(connection.fileno(), b"no record of TLS at all\r\n")


def in_crumbs(connection):
    """A short reply, an octet a record."""
    connection.sendall(b"200-")
    for _ in range(60000):
        connection.sendall(b"x")


@pytest.mark.parametrize("command, verb", [("pwd", "PWD"), ("list", "TYPE")])
@pytest.mark.parametrize("answer, detail", [(in_clear, "wrong version number"),
                                            (in_crumbs, "more than 1048576 octets")])
def test_tls_of_control(command, verb, answer, detail, tmp_path):
    """It fails after the login: that is no end by the server."""
    ca = ftps.Authority(tmp_path)
    s = ftps.FtpsServer(ca.issue("localhost"), answers={verb: answer})
    try:
        r = check(s.where, command, code=1, options=["--tls", "explicit", "--tls", "ca=%s" % ca.ca])
    finally:
        s.close()
    is_bad(r, "tlsFailed", "dataTlsFailed", 0, "control connection: " + detail)


def test_no_private_data(tmp_path):
    """A server that does not take PROT P is asked for no data; what needs none is asked."""
    ca = ftps.Authority(tmp_path)
    options = ["--tls", "explicit", "--tls", "ca=%s" % ca.ca]
    s = ftps.FtpsServer(ca.issue("localhost"), answers={"PROT": b"536 no\r\n", "PWD": b"257 \"/\"\r\n"})
    try:
        is_good(check(s.where, "pwd", code=0, options=options), "pwd")
        is_bad(check(s.where, "list", code=1, options=options), "tlsFailed", "dataTlsFailed",
               detail="refuses PROT P")
        assert not [c for c in s.commands if c.startswith(("EPSV", "LIST"))]
    finally:
        s.close()


def test_directory_denied():
    """One that is denied, and one that is not there."""
    with real("vsftpd", dirlist_enable="NO", **PASSIVE_ON) as s:
        is_bad(check(s.where, "list", code=1), "listingFailed", "listingFailed", 550)
    with real("proftpd") as s:
        is_bad(check(s.where, "list", "path=/gone", code=1), "listingFailed", "listingFailed")


# ------------------------------------------------------------------ odd orders

ABC = data(b"abc")
GOOD = [
    ("226 before the data", ("150 a", "226 b", sleep(0.05), ABC, DATA_CLOSE), 226),
    ("the data before 150", (ABC, DATA_CLOSE, sleep(0.05), "150 a", "226 b"), 226),
    ("no 150", (ABC, DATA_CLOSE, "250 b"), 250),
    ("in one piece", (ABC, DATA_CLOSE, b"150 a\r\n226 b\r\n"), 226),
    ("closed after 226", ("150 a", "226 b", sleep(0.05), ABC, DATA_CLOSE, CLOSE), 226),
    ("drip", (ftpserver.drip(b"150 a\r\n"), ABC, sleep(0.02), ABC, DATA_CLOSE,
              ftpserver.drip(b"226 b\r\n")), 226),
]
BAD = [
    ("425", ("425 no",), "dataConnectionFailed", 425, ""),
    ("426 amid the data", ("150 a", ABC, "426 cut"), "dataConnectionFailed", 426, ""),
    ("451 amid the data", ("150 a", ABC, "451 disk"), "listingFailed", 451, ""),
    ("550", ("550 denied",), "listingFailed", 550, ""),
    ("reset, then 226", ("150 a", ABC, DATA_RESET, sleep(0.1), "226 b"), "dataConnectionFailed", 226,
     "data connection"),
    ("226, then reset", ("150 a", "226 b", sleep(0.1), DATA_RESET), "dataConnectionFailed", 226,
     "data connection"),
    ("closed amid the data", ("150 a", ABC, CLOSE), "connectionClosed", 0, "after LIST"),
    ("not FTP", ("150 a", b"what?\r\n"), "protocolError", 0, "not FTP"),
    ("a reply without end", ("150 a", ftpserver.endless(b"226-and so on\r\n")), "protocolError", 0,
     "reply without end"),
    ("331", ("331 what",), "protocolError", 331, "331 is no answer to LIST"),
]
MEANS = {"connectionClosed": "sessionDropped", "timeout": "transferStalled"}


@pytest.mark.parametrize("steps, code", [pytest.param(*row[1:], id=row[0]) for row in GOOD])
def test_orders(scripted, steps, code):
    s = scripted(session(*steps))
    a = is_good(check(s.where, "list", code=0), "list")
    assert a["reply_code"] == code


@pytest.mark.parametrize("steps, result, code, detail",
                         [pytest.param(*row[1:], id=row[0]) for row in BAD])
def test_failures(scripted, steps, result, code, detail):
    s = scripted(session(*steps))
    is_bad(check(s.where, "list", code=1), result, MEANS.get(result, result), code, detail)


HUNG = [
    ("no answer to PWD", {"PWD": HANG}, "pwd", "timeout", "no answer to PWD"),
    ("no answer to EPSV", {"EPSV": HANG}, "list", "timeout", "no answer to EPSV"),
    ("no answer to LIST", {"LIST": HANG}, "list", "timeout", "no answer to LIST"),
    ("hung data", {"LIST": ("150 a", ABC, HANG)}, "list", "timeout", "stopped after 3 octets"),
    ("hung data, closed after 226", {"LIST": ("150 a", ABC, sleep(0.05), "226 b", CLOSE)}, "list",
     "timeout", "stopped after 3 octets"),
    ("no 226", {"LIST": ("150 a", ABC, DATA_CLOSE, HANG)}, "list", "timeout",
     "no word after 3 octets"),
]


@pytest.mark.parametrize("verbs, command, result, detail",
                         [pytest.param(*row[1:], id=row[0]) for row in HUNG])
def test_hung(scripted, verbs, command, result, detail):
    s = scripted(session(**verbs))
    is_bad(check(s.where, command, code=1, options=["--timeout", "1s"]), result, MEANS[result], 0,
           detail)


def test_commands_refused(scripted):
    s = scripted(session(PWD="550 no", TYPE="500 what"))
    is_bad(check(s.where, "pwd", code=1), "commandRefused", "commandRefused", 550)
    is_bad(check(s.where, "list", code=1), "commandRefused", "commandRefused", 500)
    s = scripted(session(EPSV="500 what", LIST=("150 a", DATA_CLOSE, "226 b")))
    a = is_good(check(s.where, "list", code=0), "list", 0)
    assert [r["command"] for r in a["replies"]] == ["TYPE A", "EPSV", "PASV", "LIST", "LIST"]
    is_bad(check(s.where, "list", "passive=epsv", code=1), "commandRefused", "commandRefused", 500)


def test_goodbye(scripted):
    """Whatever came of it, the server is told goodbye where that is polite."""
    s = scripted(session("150 a", DATA_CLOSE, "226 b"))
    check(s.where, "list", code=0)
    rig.wait_until(lambda: s.done and s.done[-1].quit, "QUIT")
    s.behave(session(LIST=("550 no",)))
    check(s.where, "list", code=1)
    rig.wait_until(lambda: len(s.done) == 2 and s.done[-1].quit, "QUIT")


# ------------------------------------------------------------------ the data connection


def test_data_refused(scripted):
    s = scripted(session(EPSV=(REFUSE, "229 go (|||{port}|)")))
    a = is_bad(check(s.where, "list", code=1), "dataConnectionFailed", "dataConnectionFailed", 0)
    assert a["port"] == s.port ^ 1 and a["address"] == "127.0.0.1"
    assert "refused" in a["detail"] or "connect" in a["detail"]


def test_data_blocked(scripted):
    """A port whose queue is full takes no connection, and does not say so: as behind a firewall."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for s in (first, second):
            s.setblocking(False)
            s.connect_ex(full.getsockname())
        port = full.getsockname()[1]
        s = scripted(session(EPSV="229 go (|||%d|)" % port))
        is_bad(check(s.where, "list", code=1, options=["--timeout", "1500ms"]),
               "dataConnectionFailed", "dataConnectionFailed", 0, "no data connection in time")


@pytest.mark.parametrize("value, result, seen", [
    ("refuse", "passiveRedirected", 0), ("ignore", "ok", 1), ("follow", "dataConnectionFailed", 0)])
def test_foreign_address(scripted, value, result, seen):
    """127.0.0.99 stands for another host, where nobody listens."""
    s = scripted(session("150 a", DATA_CLOSE, "226 b",
                         PASV=(LISTEN, "227 go (127,0,0,99,{high},{low})")))
    r = check(s.where, "list", "passive=pasv", "foreign-address=" + value)
    a = r["after_login"]
    assert a["result"] == result
    assert sum(1 for session_ in s.sessions if session_.argument(b"LIST") is not None) == seen
    assert a["address"] == ("127.0.0.1" if value == "ignore" else "127.0.0.99")
    if value != "ignore":
        assert r["diagnosis"] == result
    else:
        assert "227 names 127.0.0.99" in a["detail"]


def test_foreign_address_followed(scripted):
    """The data is on another address, and had there when it is wanted so."""
    s = scripted(session("150 a", data(b"there"), DATA_CLOSE, "226 b",
                         PASV=(LISTEN, "227 go (127,0,0,1,{high},{low})")), address="127.0.0.2")
    listen = s._listen

    async def elsewhere(session_):
        s.address = "127.0.0.1"
        await listen(session_)
        s.address = "127.0.0.2"
    s._listen = elsewhere
    assert check(s.where, "list", "passive=pasv", code=1)["after_login"]["result"] == \
        "passiveRedirected"
    a = is_good(check(s.where, "list", "passive=pasv", "foreign-address=follow", code=0), "list", 5)
    assert a["address"] == "127.0.0.1"
    a = check(s.where, "list", "passive=pasv", "foreign-address=ignore", code=1)["after_login"]
    assert a["result"] == "dataConnectionFailed"


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "http"])
@pytest.mark.parametrize("passive", ["epsv", "pasv"])
def test_proxy(scripted, scheme, passive):
    """Both connections go through the proxy, to the host that is configured."""
    s = scripted(session("150 a", data(CONTENT), DATA_CLOSE, "226 b",
                         PASV=(LISTEN, "227 go (10,9,8,7,{high},{low})")))
    with Proxy() as proxy:
        a = is_good(check("localhost:%d" % s.port, "retr", "path=/f", "sha256=" + SHA,
                          "passive=" + passive, code=0, options=["--proxy", proxy.url(scheme)]),
                    "retr", len(CONTENT))
        assert [port for _, port in proxy.asked] == [s.port, a["port"]]
        assert len({host for host, _ in proxy.asked}) == 1


def test_proxy_fails(scripted):
    """That the proxy cannot go on is no fault of the server's."""
    s = scripted(session("150 a", DATA_CLOSE, "226 b"))
    with Proxy() as proxy:
        def fail_later():
            rig.wait_until(lambda: proxy.asked, "the control connection")
            proxy.behave = "close"
        thread = threading.Thread(target=fail_later)
        s.behave(session(TYPE=(sleep(0.3), "200 a")))
        thread.start()
        r = check(s.where, "list", code=0, options=["--proxy", proxy.url("http")])
        thread.join()
    assert (r["state"], r["diagnosis"], r["after_login"]["result"]) == ("ok", "none", "internalError")


def test_source(scripted):
    """Both connections come from the address that is configured."""
    s = scripted(session("150 a", DATA_CLOSE, "226 b"))
    peers = []
    serve, listen = s._serve, s._listen

    async def note(reader, writer):
        peers.append(writer.get_extra_info("peername")[0])
        await serve(reader, writer)

    async def note_data(session_):
        await listen(session_)

        def connected(future):
            peers.append(future.result()[1].get_extra_info("peername")[0])
        session_.data.add_done_callback(connected)
    s.down()
    s._serve, s._listen = note, note_data
    s.up()
    is_good(check(s.where, "list", code=0, options=["--source", "127.0.0.9"]), "list", 0)
    assert peers == ["127.0.0.9", "127.0.0.9"]


# ------------------------------------------------------------------ bounds


def test_endless_listing(scripted):
    s = scripted(session("150 a", endless_data(b"x" * 65536)))
    a = is_good(check(s.where, "list", code=0), "list", 16 << 20)
    assert a["truncated"] and "more than 16777216 octets" in a["detail"]
    assert s.sessions[-1].sent < 64 << 20


@pytest.mark.parametrize("wanted, word", [
    (["retr"], "path"), (["pwd", "path=/a"], "path"), (["list", "sha256=" + SHA], "sha256"),
    (["sha256=12"], "sha256"), (["max-size=0"], "max-size"), (["max-size=2G"], "max-size"),
    (["max-size=1T"], "max-size"), (["passive=port"], "passive"), (["stor"], "command"),
    (["list", "path=a\r\nDELE b"], "path"), (["foreign-address=yes"], "foreign-address"),
    (["colour=red"], "unknown key"), (["path=/a"], "no command"), (["sha256=" + SHA, "none"], "no command")])
def test_bad_options(wanted, word):
    words = [w for value in wanted for w in ("-a", value)]
    code, out, error = rig.run_ftphealth("check", *words, "127.0.0.1")
    assert code == 64 and word in error and "after-login" in error, (out, error)


def test_line_and_dialogue(scripted):
    s = scripted(session("150 here | it comes", data(CONTENT), DATA_CLOSE, "226 done"))
    code, out, _ = rig.run_ftphealth("check", "-v", "-a", "retr", "-a", "path=/pub/f", s.where)
    assert code == 0
    line = out.splitlines()[-1]
    assert "; retr /pub/f: %d octets|" % len(CONTENT) in line and line.count("|") == 1
    for item in ("passive=", "data=", "first=", "session=", "octets=%dB" % len(CONTENT)):
        assert " " + item in line
    for words in ("> TYPE I", "> EPSV", "> RETR /pub/f", "< 226 done", "= ok: "):
        assert words in out
    assert "sha256: " + SHA in out
    s.behave(session("550 no | such file"))
    code, out, _ = rig.run_ftphealth("check", "-a", "retr", "-a", "path=/pub/f", s.where)
    assert code == 1 and out.count("|") == 1
    assert "FTP WARNING" in out and "; retr /pub/f fails: 550 no / such file" in out


def test_secret_is_masked(scripted, tmp_path):
    s = scripted(session(LIST=("550 sesame-42 is no way in",)))
    secrets = tmp_path / "netrc"
    secrets.write_text("machine 127.0.0.1 login joe password sesame-42\n")
    secrets.chmod(0o600)
    code, out, _ = rig.run_ftphealth("check", "-v", "-a", "list", "--netrc", str(secrets), s.where)
    assert code == 1 and "sesame" not in out and "550 *********" in out
