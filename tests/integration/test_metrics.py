# SPDX-License-Identifier: ISC
"""Metrics by HTTP: both formats, every client however it behaves, and reloads of the key."""
import http.client
import os
import re
import signal
import socket
import stat
import subprocess
import threading

import pytest

import ftpserver
import nms
import rig
from rig import target

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4; charset=utf-8"
PROMETHEUS = ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
              "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=rig.PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def connection(listen):
    if listen.startswith("unix:"):
        return UnixConnection(listen[len("unix:"):])
    host, port = listen.rsplit(":", 1)
    return http.client.HTTPConnection(host.strip("[]"), int(port), timeout=rig.PATIENCE)


def ask(listen, path="/metrics", method="GET", accept=None, body=None):
    """(status, headers, text)"""
    c = connection(listen)
    c.request(method, path, body, {"Accept": accept} if accept else {})
    r = c.getresponse()
    text = r.read().decode("ascii")
    c.close()
    return r.status, r.headers, text


def samples(text):
    """{'name{labels}': value}"""
    pairs = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    assert len({name for name, _ in pairs}) == len(pairs), "a sample twice"
    return {name: float(value) for name, value in pairs}


def free_listen():
    return "127.0.0.1:%d" % rig.free_port()


QUOTED = 'a "quoted" \\ name'


@pytest.fixture(scope="module", name="served")
def serve():
    """(daemon, address): one that lets us in, one that does not, one that is gone, and a name."""
    servers = [ftpserver.FtpServer(name) for name in ("good", "pass-530", "good")]
    servers[2].down()
    good, bad, gone = servers
    listen = free_listen()
    d = rig.Daemon([target("good", good, group="plant"), target("bad", bad), target("gone", gone),
                    target(QUOTED, good)], listen=rig.free_port(), top={"metrics": {"listen": listen}})
    try:
        d.start()
        rig.wait_until(lambda: d.manager.status().endswith("2 ok, 1 refused, 1 unreachable"), "probes")
        yield d, listen
    finally:
        d.close()
        for server in servers:
            server.close()


def serving(daemon, targets=(), listen=None, **metrics):
    listen = listen or free_listen()
    d = daemon(targets, listen=rig.free_port(), top={"metrics": dict(listen=listen, **metrics)})
    return d.start(), listen


def test_what_it_says(served):
    """The same facts in both formats."""
    _, listen = served
    status, headers, text = ask(listen)
    assert (status, headers["Content-Type"]) == (200, TEXT)
    s = samples(text)
    assert s['ftphealth_targets{state="refused"}'] == 1
    assert s['ftphealth_login_success{target="good"}'] == 1
    assert s['ftphealth_login_success{target="bad"}'] == 0
    assert s['ftphealth_login_success{target="gone"}'] == 0
    assert s['ftphealth_state{target="gone",state="unreachable"}'] == 1
    assert s['ftphealth_reply_code{target="bad"}'] == 530
    assert 0 < s['ftphealth_login_duration_seconds{target="good"}'] < rig.PATIENCE
    assert s['ftphealth_probes_total{target="bad",outcome="loginRefused"}'] >= 1
    assert s['ftphealth_probes_total{target="gone",outcome="connectFailed"}'] >= 1
    assert re.search(r'\nftphealth_target_info\{target="good",host="127\.0\.0\.1",port="\d+",'
                     r'group="plant",contact=""\} 1\n', text)
    assert [k for k in s if k.startswith('ftphealth_diagnosis_info{target="bad",'
                                         'outcome="loginRefused",stage="password",diagnosis=')]
    assert "incorrect" not in text, "the server's words"

    status, headers, text = ask(listen, accept=PROMETHEUS)
    assert (status, headers["Content-Type"], headers["Vary"]) == (200, OPENMETRICS, "Accept")
    assert text.endswith("\n# EOF\n")
    assert {k.split("{")[0] for k in samples(text)} == {k.split("{")[0] for k in s}


def test_openmetrics_reader(served):
    """The reference implementation of the format, which is strict."""
    parser = pytest.importorskip("prometheus_client.openmetrics.parser",
                                 reason="no python3-prometheus-client")
    _, listen = served
    families = {f.name: f for f in
                parser.text_string_to_metric_families(ask(listen, accept=PROMETHEUS)[2])}
    assert families["ftphealth_probes"].type == "counter"
    assert families["ftphealth_target"].type == "info"
    assert families["ftphealth_login_duration_seconds"].unit == "seconds"
    assert {x.labels["target"] for x in families["ftphealth_login_success"].samples} == {
        QUOTED, "good", "bad", "gone"}
    for family in families.values():
        assert family.documentation and not any(x.timestamp for x in family.samples), family


def test_promtool(served):
    """Prometheus' own linter of names, units and help."""
    promtool = nms.program("prometheus", "promtool")
    if not promtool:
        pytest.skip(nms.why_not("prometheus", "usr/bin/promtool"))
    p = subprocess.run([promtool, "check", "metrics"], input=ask(served[1])[2].encode(),
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                       timeout=rig.PATIENCE)
    assert (p.returncode, p.stdout.decode()) == (0, "")


def test_same_as_snmp(daemon, ftp, contract):
    """One getter, two ways: what a manager reads is what a scraper reads."""
    d, listen = serving(daemon, [target("bad", ftp("pass-530"), interval="1h")])
    rig.wait_until(lambda: d.manager.status().endswith("1 refused"), "the probe")
    s = samples(ask(listen)[2])
    for metric, name, divisor in (
            ('ftphealth_reply_code{target="bad"}', "ftpAuthStatusReplyCode", 1),
            ('ftphealth_diagnosis_confidence_ratio{target="bad"}', "ftpAuthStatusConfidence", 100),
            ('ftphealth_login_duration_seconds{target="bad"}', "ftpAuthTimingTotal", 1000000),
            ('ftphealth_alarms_raised_total{target="bad"}', "ftpAuthCountAlarmsRaised", 1)):
        assert s[metric] == pytest.approx(d.client.value(contract(name, 1)) / divisor), metric
    assert s["ftphealth_alarms_active"] == d.client.value(contract("ftpAuthAlarmsActive"))


@pytest.mark.parametrize("method, path, status, has", [
    ("GET", "/metrics", 200, "ftphealth_build_info"),
    ("GET", "/metrics?name=x", 200, "ftphealth_build_info"),
    ("HEAD", "/metrics", 200, ""),
    ("GET", "/", 200, '<a href="/metrics">'),
    ("HEAD", "/", 200, ""),
    ("GET", "/metrics/", 404, "/metrics"),
    ("GET", "/../etc/passwd", 404, "/metrics"),
    ("HEAD", "/nothing", 404, ""),
    ("POST", "/metrics", 405, "GET and HEAD"),
    ("PUT", "/metrics", 405, "GET and HEAD"),
    ("DELETE", "/", 405, "GET and HEAD"),
    ("OPTIONS", "*", 405, "GET and HEAD")], ids=lambda x: str(x)[:16])
def test_requests(served, method, path, status, has):
    _, listen = served
    got, headers, text = ask(listen, path, method, body=b"x" * 100 if method == "POST" else None)
    assert got == status
    assert has in text and (method != "HEAD" or text == "")
    assert headers["Connection"] == "close"
    if status == 405:
        assert headers["Allow"] == "GET, HEAD"


def talk(listen, data, half_close=False, wait=True):
    """All that is answered to DATA."""
    host, port = listen.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=rig.PATIENCE) as s:
        s.sendall(data)
        if not wait:
            return b""
        if half_close:
            s.shutdown(socket.SHUT_WR)
        answer = b""
        while True:
            try:
                part = s.recv(65536)
            except ConnectionResetError:
                return answer
            if not part:
                return answer
            answer += part


@pytest.mark.parametrize("request_, half_close, answer", [
    (b"GET /metrics HTTP/1.0\r\n\r\n", False, b"HTTP/1.[01] 200 "),
    (b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", True, b"HTTP/1.1 200 "),
    (b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", False, b"HTTP/1.1 200 "),
    (b"\0\xff\x16\x03\x01\r\n\r\n", True, None),
    (b"GET", True, None),
    (b"", True, None),
    (b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 100000 + b"\r\n\r\n", False, b"(HTTP/1.1 4.. |$)"),
    (b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n", False, b"(HTTP/1.1 4.. |$)"),
    (b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", True,
     None),
    (b"%s%n%s%n HTTP/1.1\r\n\r\n" * 1000, True, None)],
    ids=["http-1.0", "half-closed", "keep-alive", "tls", "cut", "nothing", "long-header",
         "long-path", "endless-body", "formats"])
def test_strange_clients(served, request_, half_close, answer):
    """None of them ends the daemon, or the answers to others."""
    d, listen = served
    try:
        got = talk(listen, request_, half_close, answer is not None)
    except (BrokenPipeError, ConnectionResetError):
        got = b""
    assert re.match(answer or b"", got), got[:200]
    if b" 200 " in got[:20]:
        assert b"\nftphealth_alarms_active 2\n" in got
    assert ask(listen)[0] == 200
    assert d.process.poll() is None


def test_slow_clients(daemon, ftp):
    """Those who say nothing or take nothing keep no probe and no other scraper waiting."""
    server = ftp("good")
    targets = [target("t%03d" % i, server, interval="1h", timeout="1s") for i in range(400)]
    d, listen = serving(daemon, targets + [target("often", server)])
    host, port = listen.rsplit(":", 1)
    silent = [socket.create_connection((host, int(port))) for _ in range(3)]
    silent[1].sendall(b"GET /metr")
    takers = [socket.socket() for _ in range(3)]
    for s in takers:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect((host, int(port)))
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert s.recv(100).startswith(b"HTTP/1.1 200")
    logins = server.logins
    answers = [ask(listen, accept=PROMETHEUS) for _ in range(5)]
    assert all(status == 200 and text.endswith("# EOF\n") for status, _, text in answers)
    rig.wait_until(lambda: server.logins >= logins + 2, "probes while they wait")
    # Eight at a time: the others wait, and are served when one has gone.
    late = [socket.create_connection((host, int(port))) for _ in range(4)]
    result = []
    asking = threading.Thread(target=lambda: result.append(ask(listen)[0]))
    asking.start()
    for s in silent + takers + late:
        s.close()
    asking.join(rig.PATIENCE)
    assert result == [200]
    assert "ended" not in d.log


def test_full_house(daemon):
    """All who are there leave at the same moment: the next one is served."""
    d, listen = serving(daemon)
    host, port = listen.rsplit(":", 1)

    def descriptors():
        return len(os.listdir("/proc/%d/fd" % d.process.pid))

    before = descriptors()
    house = [socket.create_connection((host, int(port))) for _ in range(8)]
    rig.wait_until(lambda: descriptors() == before + 8, "eight connections")
    d.process.send_signal(signal.SIGSTOP)
    for s in house:
        s.close()
    late = connection(listen)
    late.connect()
    late.request("GET", "/metrics")
    d.process.send_signal(signal.SIGCONT)
    assert late.getresponse().status == 200
    late.close()


def test_many_at_once(daemon, ftp):
    """Each answer is whole while probes change what it says."""
    server = ftp("good")
    d, listen = serving(daemon, [target("t%d" % i, server) for i in range(50)])
    results = []

    def scrape():
        for _ in range(10):
            text = ask(listen, accept=PROMETHEUS)[2]
            results.append(text.endswith("# EOF\n") and len(samples(text)) > 50 * 15)

    threads = [threading.Thread(target=scrape) for _ in range(6)]
    for t in threads:
        t.start()
    for n in range(4):
        d.configure([target("t%d" % i, server) for i in range(n, 50 + n)])
        d.reload()
    for t in threads:
        t.join(rig.PATIENCE)
    assert results == [True] * 60


# ------------------------------------------------------------------ where


def test_unix_socket(daemon):
    """For the daemon's group and nobody else, whatever the umask; gone at the end."""
    folder = rig.temporary_folder()
    path = folder / "metrics"
    try:
        d, listen = serving(daemon, listen="unix:%s" % path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert ask(listen)[0] == 200
        d.stop()
        assert not path.exists()
    finally:
        rig.remove_folder(folder)


def test_socket_left_behind(daemon):
    """By a daemon that was killed: it is no obstacle. One that is served, or a file, is."""
    folder = rig.temporary_folder()
    path = folder / "metrics"
    try:
        first, listen = serving(daemon, listen="unix:%s" % path)
        second = daemon(listen=rig.free_port(), top={"metrics": {"listen": listen}})
        second.start(ready=False)
        assert second.process.wait(rig.PATIENCE) == 69
        assert "Cannot serve metrics at %s: Address already in use" % listen in second.log
        second.stop()
        assert ask(listen)[0] == 200, "the first one's"
        first.kill()
        assert path.exists()
        third, listen = serving(daemon, listen=listen)
        assert ask(listen)[0] == 200
        third.stop()
        path.write_text("precious")
        second.start(ready=False)
        assert second.process.wait(rig.PATIENCE) == 69
        assert path.read_text() == "precious"
    finally:
        rig.remove_folder(folder)


def test_ipv6(daemon):
    if not os.path.exists("/proc/net/if_inet6"):
        pytest.skip("no IPv6")
    _, listen = serving(daemon, listen="[::1]:%d" % rig.free_port())
    assert ask(listen)[0] == 200


def test_only_where_it_was_told(daemon):
    """Off by default, and an address for other hosts only when that is said."""
    d = daemon(listen=rig.free_port(), top={"metrics": {"listen": "0.0.0.0:9"}})
    code, _, error = d.check_config()
    assert code == 78
    assert "metrics.listen" in error and "remote: true" in error
    d.top = {"metrics": {"listen": "0.0.0.0:%d" % rig.free_port(), "remote": True}}
    d.configure([])
    d.start()
    assert ask("127.0.0.1:%s" % d.top["metrics"]["listen"].split(":")[1])[0] == 200
    d.stop()
    d.top = {}
    d.configure([])
    d.start()
    assert "metrics" not in d.log.split("ftphealthd is stopping")[1]


def test_reload(daemon, contract):
    """The key takes effect at a reload; a bad address leaves the agent impaired until it is mended."""
    first, second = free_listen(), free_listen()
    d, _ = serving(daemon, listen=first)

    def move(listen):
        d.top = {"metrics": {"listen": listen}} if listen else {}
        d.configure([])
        d.reload()

    state = contract("ftpAuthAgentState")
    kept = connection(first)
    kept.connect()
    move(first)  # nothing changes: who is connected stays so
    kept.request("GET", "/metrics")
    assert kept.getresponse().status == 200
    move(second)
    assert ask(second)[0] == 200
    with pytest.raises(ConnectionRefusedError):
        ask(first)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        move("127.0.0.1:%d" % taken.getsockname()[1])
        assert "Cannot serve metrics" in d.log
        rig.wait_until(lambda: d.client.value(state) == 3, "impaired")
    move(second)
    assert samples(ask(second)[2])["ftphealth_config_last_reload_successful"] == 1
    rig.wait_until(lambda: d.client.value(state) == 2, "running")
    move(None)
    with pytest.raises(ConnectionRefusedError):
        ask(second)
    rig.wait_until(lambda: d.client.value(state) == 2, "running")


def test_outage_of_the_agent(daemon):
    """A configuration that is rejected shows."""
    d, listen = serving(daemon)
    d.configure([], text="nonsense: 7\n")
    d.reload()
    rig.wait_until(lambda: samples(ask(listen)[2])["ftphealth_impaired"] == 1, "impaired")
    assert samples(ask(listen)[2])["ftphealth_config_last_reload_successful"] == 0
