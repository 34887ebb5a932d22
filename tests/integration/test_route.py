# SPDX-License-Identifier: ISC
"""From where, and through what, a login is made; what fails on the way is never the server's."""
import json
import os
import shutil
import subprocess

import pytest

import ftps
import ftpserver
import rig
from proxy import Proxy

SCHEMES = ("socks5", "socks5h", "http")
NOWHERE = "203.0.113.9"  # RFC 5737: an address that this host does not have


def check(*options, **keys):
    code, out, error = rig.run_ftphealth("check", "--json", *options, **keys)
    assert out, error
    return code, json.loads(out)


@pytest.fixture(name="folder")
def make_folder():
    folder = rig.temporary_folder()
    yield folder
    rig.remove_folder(folder)


def netrc(folder, *entries):
    path = folder / "netrc"
    path.write_text("".join("machine %s login %s password %s\n" % e for e in entries))
    path.chmod(0o600)
    return path


# ------------------------------------------------------------------ source


class PeerServer:
    """Greets with the address that it sees."""

    def __init__(self, proxy=None):
        self.server = ftpserver.FtpServer("good")
        self.peers = []
        serve = self.server._serve

        async def note(reader, writer):
            self.peers.append(writer.get_extra_info("peername")[0])
            await serve(reader, writer)
        self.server.down()
        self.server._serve = note
        self.server.up()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.server.close()


@pytest.mark.parametrize("source, seen", [("127.0.0.9", "127.0.0.9"), ("lo", "127.0.0.1"),
                                          ("any", "127.0.0.1")])
def test_source(source, seen):
    with PeerServer() as peer:
        code, r = check("--source", source, peer.server.where)
        assert (code, r["outcome"]) == (0, "ok")
        code, r = check("--source", source, "localhost:%d" % peer.server.port)
        assert (code, r["outcome"]) == (0, "ok")
        assert peer.peers == [seen, seen]


@pytest.mark.parametrize("source", [NOWHERE, "nope0"])
@pytest.mark.parametrize("up", [True, False])
def test_source_not_there(source, up):
    with ftpserver.FtpServer("good") as server:
        if not up:
            server.down()
        code, r = check("--source", source, server.where)
        assert (code, r["outcome"], r["state"]) == (3, "internalError", "unknown")
        assert not server.sessions


def in_namespace(*command, mounts=False):
    """In a network namespace of its own, and with MOUNTS of its own."""
    unshare = ["unshare", *(() if os.geteuid() == 0 else ("-r",)), "-n", *(("-m",) if mounts else ())]
    if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("no namespaces here")
    return subprocess.run([*unshare, *command], stdout=subprocess.PIPE, check=False,
                          timeout=rig.PATIENCE).stdout.decode()


def test_source_that_is_down():
    """Where lo is down."""
    def run(*options):
        return json.loads(in_namespace(rig.program("ftphealth"), "check", "--json", *options,
                                       "127.0.0.1"))["outcome"]
    assert run("--source", "lo") == "internalError"
    assert run() == "noRoute"


LINK_LOCAL = """
set -e
ip link set lo up
ip -6 address add fe80::1/64 dev lo nodad
/usr/bin/python3 -B %s --address fe80::1%%lo --port 2121 --script listing &
trap 'kill $!' EXIT
until grep -q ':0849 .* 0A ' /proc/net/tcp6; do kill -0 $!; sleep 0.05; done
for where in "[fe80::1%%lo]" "--source lo [fe80::1]" "[fe80::1%%nope0]" "--source nope0 [fe80::1]"; do
    %s check --json --after-login list $where:2121 | tr -d '\\n'
    echo
done
"""


def test_link_local():
    """The interface is a part of the address, or the source; data comes over it, too."""
    if not shutil.which("ip"):
        pytest.skip("there is no ip here")
    server = os.path.join(os.path.dirname(__file__), "ftpserver.py")
    out = in_namespace("sh", "-c", LINK_LOCAL % (server, rig.program("ftphealth")))
    made = [json.loads(line) for line in out.splitlines()]
    assert [r["outcome"] for r in made] == ["ok", "ok", "internalError", "internalError"]
    assert [r["after_login"]["result"] for r in made[:2]] == ["ok", "ok"]
    code, _, error = rig.run_ftphealth("check", "fe80::1")
    assert code == 64 and "fe80::1 is link-local, and leads nowhere without an interface" in error


# IPv4 alone: there is no route to an address of IPv6, or none of our own that could go there.
IPV4_ALONE = """
set -e
ip link set lo up
mount --bind %(hosts)s /etc/hosts
/usr/bin/python3 -B %(server)s --port 2121 --script listing &
trap 'kill $!' EXIT
until grep -q ':0849 .* 0A ' /proc/net/tcp; do kill -0 $!; sleep 0.05; done
check() {
    %(program)s check --json "$@" | tr -d '\\n'
    echo
}
refused() {
    check both:2122
    check --source lo both:2122
    check --source 127.0.0.1 both:2122
    check late:2121
    check --after-login list both:2121
}
refused
check six:2121
ip -6 address flush dev lo
refused
"""
HOSTS = """127.0.0.2 late
127.0.0.1 late both
2001:db8::1 late both six
2001:db8::2 six
"""


def test_monitor_of_ipv4_alone(folder):
    """What it lacks does not hide the answer of a server that has both."""
    if not shutil.which("ip"):
        pytest.skip("there is no ip here")
    (folder / "hosts").write_text(HOSTS)
    server = os.path.join(os.path.dirname(__file__), "ftpserver.py")
    out = in_namespace("sh", "-c", IPV4_ALONE % {"hosts": folder / "hosts", "server": server,
                                                 "program": rig.program("ftphealth")}, mounts=True)
    made = [json.loads(line) for line in out.splitlines()]
    told = [(r["outcome"], r["address"]) for r in made]
    here = [("connectionRefused", "127.0.0.1")] * 3 + [("ok", "127.0.0.1")] * 2
    assert told == [*here, ("noRoute", "2001:db8::1"), *here]
    assert [r["after_login"]["result"] for r in (made[4], made[10])] == ["ok", "ok"]


def test_source_of_another_family():
    code, _, error = rig.run_ftphealth("check", "--source", "::1", "127.0.0.1")
    assert code == 64 and "the source ::1 is of IPv6, and the target of IPv4" in error


@pytest.mark.parametrize("option, host, family", [("-4", "::1", "IPv6"), ("-6", "127.0.0.1", "IPv4")])
def test_host_of_another_family(option, host, family):
    code, _, error = rig.run_ftphealth("check", option, host)
    assert code == 64 and "host: %s is an address of %s" % (host, family) in error


def test_server_is_still_told():
    with ftpserver.FtpServer("good") as server:
        server.down()
        assert check("--source", "127.0.0.9", server.where)[1]["outcome"] == "connectionRefused"


# ------------------------------------------------------------------ proxy


@pytest.mark.parametrize("scheme", SCHEMES)
def test_proxy(scheme):
    """Whatever the environment says of proxies."""
    env = dict(os.environ, no_proxy="*", NO_PROXY="127.0.0.1", all_proxy="http://127.0.0.1:1")
    with Proxy() as proxy, ftpserver.FtpServer("good") as server:
        for host in ("127.0.0.1", "localhost"):
            code, r = check("--proxy", proxy.url(scheme), "%s:%d" % (host, server.port), env=env)
            assert (code, r["outcome"]) == (0, "ok")
        assert [h for h, _ in proxy.asked] == [
            "127.0.0.1", "localhost" if scheme != "socks5" else "127.0.0.1"]
        assert len(server.sessions) == 2
        rig.wait_until(lambda: all(s.quit for s in server.sessions), "the goodbye")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_refused_through_proxy(scheme):
    """The dialogue is judged as without one."""
    with Proxy() as proxy, ftpserver.FtpServer("q269241") as server:
        code, r = check("--proxy", proxy.url(scheme), server.where)
        assert (code, r["outcome"], r["diagnosis"]) == (2, "loginRefused", "subAuthModuleMissing")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_tls_through_proxy(folder, scheme):
    authority = ftps.Authority(folder)
    server = ftps.FtpsServer(authority.issue("good"))
    try:
        with Proxy() as proxy:
            code, r = check("--proxy", proxy.url(scheme), "--tls", "ca=%s" % authority.ca,
                            server.where)
            assert (code, r["outcome"], r["tls"]["verify"]) == (0, "ok", "ok")
    finally:
        server.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_tls_of_data_through_proxy(folder, scheme):
    """A listing in TLS within a second tunnel; what fails within it is told as without one."""
    authority = ftps.Authority(folder)
    cert = authority.issue("good")
    with Proxy() as proxy:
        for way, result in (("tls", "ok"), ("clear", "tlsFailed"), ("close", "tlsFailed")):
            server = ftps.FtpsServer(cert, data=way)
            asked = len(proxy.asked)
            try:
                _, r = check("--proxy", proxy.url(scheme), "--tls", "ca=%s" % authority.ca,
                             "--after-login", "list", server.where)
            finally:
                server.close()
            assert (r["outcome"], r["after_login"]["result"]) == ("ok", result), r
            assert [p for _, p in proxy.asked[asked:]] == [server.port, r["after_login"]["port"]]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_credentials(folder, scheme):
    """The proxy's are those of its own host, and the server never sees them."""
    account = ("gate", "Hush-7654321")
    with Proxy(account=account) as proxy, ftpserver.FtpServer("good") as server:
        host = "localhost:%d" % server.port
        url = proxy.url(scheme)
        code, r = check("--proxy", url, "--netrc", netrc(folder, ("127.0.0.1", *account)), host)
        assert (code, r["outcome"]) == (0, "ok")
        assert server.sessions[0].user == "anonymous"
        code, r = check("--proxy", url, "--netrc", netrc(
            folder, ("127.0.0.1", *account), ("localhost", "u", "p")), host)
        assert (code, r["outcome"]) == (0, "ok")
        assert (server.sessions[1].user, server.sessions[1].password) == ("u", "p")
        for wrong in ((), ("--netrc", netrc(folder, ("127.0.0.1", "gate", "Hush-wrong")))):
            code, out, error = rig.run_ftphealth("check", "-v", "--proxy", url, *wrong, host)
            assert code == 3 and "Hush" not in out + error
        assert len(server.sessions) == 2


FAILURES = [(s, b) for s in SCHEMES for b in ("hang", "close", "gone")] + [
    (s, n) for s in ("socks5", "socks5h") for n in (1, 2, 3, 4, 6, 8)] + [
        ("http", "403 No"), ("http", "502 Bad Gateway"), ("http", "504 Late"), ("http", "nonsense")]


@pytest.mark.parametrize("scheme, how", FAILURES)
def test_proxy_fails(scheme, how):
    with Proxy(how) as proxy, ftpserver.FtpServer("good") as server:
        url = proxy.url(scheme)
        if how == "gone":
            url = "%s://127.0.0.1:%d" % (scheme, rig.free_port())
        code, r = check("--proxy", url, "-t", "1" if how == "hang" else "15", server.where)
        assert (code, r["outcome"], r["state"]) == (3, "internalError", "unknown"), r
        assert r["detail"] and r["address"] == ""
        assert not server.sessions


def test_proxy_of_no_name():
    code, r = check("--proxy", "http://proxy.invalid:1", "127.0.0.1")
    assert (code, r["outcome"]) == (3, "internalError")


def test_server_refuses_the_proxy():
    """SOCKS tells; CONNECT has no word for it."""
    with Proxy() as proxy, ftpserver.FtpServer("good") as server:
        server.down()
        for scheme in ("socks5", "socks5h"):
            assert check("--proxy", proxy.url(scheme), server.where)[1]["outcome"] == "connectionRefused"
        assert check("--proxy", proxy.url("http"), server.where)[1]["outcome"] == "internalError"


# ------------------------------------------------------------------ the daemon


def test_refusal_of_another_target(contract):
    """What fails without an errno is ours, whatever became of the probe that had its handle before.
    libcurl reads the odd host as an IPv4 address, and so does not even try it."""
    port = rig.free_port()
    targets = [dict(rig.target("refused", port), index=1),
               dict(rig.target("odd", port), index=2, host="0x7f000001", **{"address-family": "ipv6"})]
    d = rig.Daemon(targets, listen=rig.free_port())

    def count(name, index):
        return d.client.value(contract("ftpAuthCount" + name, index))
    try:
        d.start()
        rig.wait_until(lambda: count("Attempts", 1) >= 3 and count("Attempts", 2) >= 4, "probes")
        assert count("InternalError", 1) == count("ConnectFailed", 2) == 0
        assert count("ConnectFailed", 1) >= 2 and count("InternalError", 2) >= 3
    finally:
        d.close()


def test_daemon():
    """Targets with and without a route take turns on the same handles."""
    with Proxy() as proxy, PeerServer() as peer, ftpserver.FtpServer("good") as plain:
        targets = [rig.target("plain", plain),
                   rig.target("source", peer.server, source="127.0.0.9"),
                   dict(rig.target("proxy", plain), host="localhost", proxy=proxy.url("socks5h"))]
        d = rig.Daemon(targets, listen=rig.free_port())
        try:
            d.start()
            rig.wait_until(lambda: len(peer.peers) > 2 and len(proxy.asked) > 2
                           and len(plain.sessions) > 2 * len(proxy.asked) - 3, "logins")
            assert set(peer.peers) == {"127.0.0.9"}
            assert set(proxy.asked) == {("localhost", plain.port)}
            d.configure([rig.target("plain", plain), rig.target("source", peer.server),
                         dict(rig.target("proxy", plain), host="localhost")])
            d.reload()
            asked = len(proxy.asked)
            rig.wait_until(lambda: "127.0.0.1" in peer.peers, "another source")
            seen = len(plain.sessions)
            rig.wait_until(lambda: len(plain.sessions) > seen + 4, "logins")
            assert len(proxy.asked) <= asked + 1
        finally:
            d.close()
