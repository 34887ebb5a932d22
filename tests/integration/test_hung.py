# SPDX-License-Identifier: ISC
"""Servers and resolvers that never answer keep nothing else waiting."""
import resource
import signal
import socket
import subprocess
import sys
import time

import pytest

import rig
from ftpserver import FtpServer
from rig import target

GOOD = 20  # targets that answer
INTERVAL = 1  # seconds
TURNS = 6  # starts of each good target that are looked at
STALL_MS = 1000  # of a busy machine; what hangs here hangs for longer, or for good

OK, TIMEOUT = 1, 6  # FtpAuthOutcome
NONE, RESOLVE, CONNECT, BANNER = 1, 2, 3, 5  # FtpAuthStage

# Runs where the names are those of a server that never answers; hands out sockets of that place,
# one for each port that it reads.
INSIDE = """
import socket, subprocess, sys
channel = socket.socket(fileno=int(sys.argv[1]))
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for path, bound in zip(("/etc/resolv.conf", "/etc/nsswitch.conf"), sys.argv[2:]):
    subprocess.run(["mount", "--bind", bound, path], check=True)
silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(("127.0.0.1", 53))
channel.sendall(b".")
while True:
    port = channel.recv(8)
    if not port:
        break
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", int(port)))
    socket.send_fds(channel, [b"."], [s.fileno()])
    s.close()
"""


class Nameless:
    """Namespaces in which the only name server never answers, as long as a process lives there."""

    def __init__(self):
        self.folder = rig.temporary_folder()
        resolv, switch = self.folder / "resolv.conf", self.folder / "nsswitch.conf"
        resolv.write_text("nameserver 127.0.0.1\noptions timeout:10 attempts:3\n")
        switch.write_text("hosts: files dns\n")
        self.channel, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            ["unshare", "-rmn", sys.executable, "-c", INSIDE, str(theirs.fileno()), str(resolv),
             str(switch)], pass_fds=[theirs.fileno()])
        theirs.close()
        assert self.channel.recv(1) == b".", "no namespaces"
        self.prefix = ["nsenter", "-U", "-m", "-n", "--preserve-credentials", "-t",
                       str(self.process.pid)]

    def socket(self, port):
        self.channel.sendall(b"%8d" % port)
        fd, = socket.recv_fds(self.channel, 1, 1)[1]
        return socket.socket(fileno=fd)

    def close(self):
        self.channel.close()
        self.process.wait(rig.PATIENCE)
        rig.remove_folder(self.folder)


class InsideServer(FtpServer):
    """An FTP server of that place."""

    def __init__(self, place):
        self.place = place
        super().__init__("good")

    def _bind(self, family, port):
        return self.place.socket(port)


class FullBacklog:
    """A port at which no connection is ever made: the kernel drops each SYN."""

    def __init__(self):
        self.server = socket.socket()
        self.server.bind(("127.0.0.1", 0))
        self.server.listen(0)
        self.port = self.server.getsockname()[1]
        self.clients = []
        while self._fits():
            assert len(self.clients) < 100, "this backlog has no end"

    def _fits(self):
        """Connects once more. A SYN is sent again after a second at the earliest."""
        s = socket.socket()
        s.settimeout(0.5)
        self.clients.append(s)
        try:
            s.connect(("127.0.0.1", self.port))
        except socket.timeout:
            return False
        return True

    def close(self):
        for s in (*self.clients, self.server):
            s.close()


@pytest.fixture
def many_files():
    """Room for the sockets of a server with a thousand clients."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def backlog():
    b = FullBacklog()
    yield b
    b.close()


@pytest.fixture
def nameless():
    p = subprocess.run(["unshare", "-rmn", "ip", "link", "set", "lo", "up"],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if p.returncode != 0:
        pytest.skip("no namespaces: " + p.stdout.decode().strip())
    place = Nameless()
    yield place
    place.close()


DEFAULTS = {"interval": "%ds" % INTERVAL, "timeout": "900ms"}


def good_targets(server):
    return [target("good%02d" % i, server, user="good%02d" % i) for i in range(GOOD)]


def starts_at(server, since):
    """{user: how often it came}"""
    count = {"good%02d" % i: 0 for i in range(GOOD)}
    for s in list(server.sessions):
        if s.start >= since and s.user:
            count[s.user] += 1
    return count


class Watch:
    """GOOD targets on SERVER, and HUNG, which all end with OUTCOME at STAGE. Beside it, to compare with,
    the same good ones alone: on a machine as busy, another daemon with another server."""

    def __init__(self, master, daemon, ftp, contract, server, hung, **keys):
        self.master, self.contract, self.server = master, contract, server
        self.n_hung = len(hung)
        self.server_beside = ftp("good")
        self.beside = daemon(good_targets(self.server_beside), listen=rig.free_port(),
                             defaults=DEFAULTS).start()
        self.daemon = daemon(good_targets(server) + hung, agentx=master.agentx,
                             top={"max-concurrent": 5000}, defaults=DEFAULTS, **keys).start()

    def value(self, name):
        return self.master.client.value(self.contract(name))

    def wait_until_hung(self, outcome, stage):
        """All hang, each in the way that is meant."""
        for name, number in ("ftpAuthStatusOutcome", outcome), ("ftpAuthStatusFailedStage", stage):
            rig.wait_until(lambda: self.of_hung(name) == [number] * self.n_hung,
                           "%s to be %d" % (name, number))

    def of_hung(self, name):
        try:
            rows = self.master.client.column(self.contract(name))
        except AssertionError:
            return []  # the agent is not there yet
        return [rows.get(str(GOOD + 1 + i)) for i in range(self.n_hung)]

    def good_keep_their_interval(self):
        """As those do that have no neighbours that hang."""
        begin = time.monotonic()
        rig.wait_until(lambda: sum(starts_at(self.server, begin).values()) >= GOOD * TURNS,
                       "the good ones")
        beside = sum(starts_at(self.server_beside, begin).values())
        starts = starts_at(self.server, begin)
        assert sum(starts.values()) >= 0.6 * beside, starts
        assert min(starts.values()) >= 0.3 * beside / GOOD, "each, not only most: %s" % starts

    def nothing_stalls(self):
        stall = self.value("ftpAuthAgentLongestStall")
        beside = self.beside.client.value(self.contract("ftpAuthAgentLongestStall"))
        assert stall < max(STALL_MS, 3 * beside)


@pytest.fixture
def watch(snmpd, daemon, ftp, contract):
    master = snmpd().start()
    return lambda *arguments, **keys: Watch(master, daemon, ftp, contract, *arguments, **keys)


def test_resolver_never_answers(watch, nameless, request):
    server = InsideServer(nameless)
    request.addfinalizer(server.close)
    w = watch(server, [{"name": "hung%d" % i, "host": "hung%d.example" % i} for i in range(10)],
              wrapper=nameless.prefix)
    w.wait_until_hung(TIMEOUT, RESOLVE)
    w.good_keep_their_interval()
    w.nothing_stalls()


def test_syn_never_answered(watch, backlog, ftp):
    w = watch(ftp("good"), [target("hung%02d" % i, backlog) for i in range(50)])
    w.wait_until_hung(TIMEOUT, CONNECT)
    w.good_keep_their_interval()
    w.nothing_stalls()


def test_quit_never_answered(watch, ftp):
    hung = ftp("no-quit")
    w = watch(ftp("good"), [target("hung%02d" % i, hung) for i in range(50)])
    w.wait_until_hung(OK, NONE)
    w.good_keep_their_interval()
    w.nothing_stalls()
    assert all(s.quit for s in hung.done), "it is said each time"


def test_silent_servers_at_once(watch, ftp, many_files):
    hung = ftp("silent-connect")
    w = watch(ftp("good"), [target("hung%03d" % i, hung) for i in range(500)])
    w.wait_until_hung(TIMEOUT, BANNER)
    w.good_keep_their_interval()
    w.nothing_stalls()
    assert hung.max_open >= 250, "at once"


def test_stall_is_seen(snmpd, daemon, ftp, contract):
    """Stopped in the midst of a turn, not in its sleep, it says so afterwards."""
    master, server = snmpd().start(), ftp("good")
    server.down()
    d = daemon([target("t%04d" % i, server) for i in range(3000)], agentx=master.agentx).start()

    def stop_for_a_moment():
        d.process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        d.process.send_signal(signal.SIGCONT)
        time.sleep(0.02)
        return "The main loop stood still for" in d.log

    rig.wait_until(stop_for_a_moment, "a turn that is cut in two")
    rig.wait_until(lambda: master.client.value(contract("ftpAuthAgentStalls")) > 0, "the counter")
    assert master.client.value(contract("ftpAuthAgentLongestStall")) > 100
