# SPDX-License-Identifier: ISC
"""What waits for us while we are stopped is no silence of the server's."""
import json
import signal
import socket
import subprocess
import threading
import time

import pytest

import ftps
import ftpserver
import rig
from ftpserver import DATA_CLOSE, data, session, until

TIMEOUT = 3  # seconds
LARGE = b"x" * (15 << 20)  # more than the buffers of two sockets hold


class Probe:
    """One that can be stopped, with its time."""

    def __init__(self, where, *options):
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [rig.program("ftphealth"), "check", "--json", "--timeout", str(TIMEOUT), *options, where],
            stdout=subprocess.PIPE)

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)
        rig.wait_until(self._is_stopped, "the stop")

    def _is_stopped(self):
        with open("/proc/%d/stat" % self.process.pid, encoding="ascii") as f:
            state = f.read().rpartition(")")[2].split()[0]
        assert state != "Z", "it has ended before"
        return state == "T"

    def go_on(self):
        """When its time is over, and what came has waited for as long."""
        after = max(self.begin, time.monotonic()) + TIMEOUT + 0.5
        rig.wait_until(lambda: time.monotonic() > after, "the time to be over")
        self.process.send_signal(signal.SIGCONT)

    def result(self):
        return json.loads(self.process.communicate(timeout=rig.PATIENCE)[0])

    def close(self):
        rig.end_process(self.process)


class FullPort:
    """Who connects to it gets no answer until there is room."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.others = [socket.socket() for _ in range(2)]
        for s in self.others:
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", self.port))
        self.mine = {s.getsockname()[1] for s in self.others}

    def clients(self, state):
        """How many are in this STATE of the kernel's, but for ours."""
        with open("/proc/net/tcp", encoding="ascii") as f:
            rows = [line.split()[1:4] for line in f.read().splitlines()[1:]]
        return sum(1 for local, remote, now in rows if int(remote[9:], 16) == self.port
                   and int(local[9:], 16) not in self.mine and now == state)

    def wait_for_client(self):
        rig.wait_until(lambda: self.clients("02"), "SYN")

    def make_room(self):
        """The client's next SYN, a second or some later, is answered."""
        self.listener.listen(16)
        rig.wait_until(lambda: self.clients("01"), "the connection")

    def accept(self):
        """The client's connection."""
        while True:
            connection, (_, port) = self.listener.accept()
            if port not in self.mine:
                return connection
            connection.close()

    def close(self):
        for s in [self.listener, *self.others]:
            s.close()


@pytest.fixture(name="probe")
def make_probe():
    made = []

    def make(*arguments):
        made.append(Probe(*arguments))
        return made[-1]
    yield make
    for p in made:
        p.close()


@pytest.fixture(name="full")
def make_full():
    port = FullPort()
    yield port
    port.close()


def test_answer(ftp, probe):
    stopped = threading.Event()
    server = ftp(ftpserver.script(USER=(until(stopped.is_set), "331 Password, please."),
                                  PASS="530 Login incorrect."))
    p = probe(server.where)
    rig.wait_until(lambda: server.sessions and server.sessions[0].user, "USER")
    p.stop()
    stopped.set()
    p.go_on()
    got = p.result()
    assert (got["outcome"], got["reply_code"]) == ("loginRefused", 530)


def test_connection_of_implicit_tls(full, probe, tmp_path):
    """There the server waits for us."""
    ca = ftps.Authority(tmp_path)
    p = probe("127.0.0.1:%d" % full.port, "--tls", "implicit", "--tls", "ca=%s" % ca.ca)
    full.wait_for_client()
    p.stop()
    full.make_room()
    p.go_on()
    server = ftps.FtpsServer(ca.issue("localhost"), implicit=True, listener=full.listener)
    try:
        got = p.result()
        assert got["outcome"] == "ok", got
    finally:
        server.close()


def is_good(r, octets):
    a = r["after_login"]
    assert (a["result"], a["octets"], r["state"]) == ("ok", octets, "ok"), a


def test_connection_of_data(ftp, full, probe):
    server = ftp(session("150 a", "226 b", EPSV="229 go (|||%d|)" % full.port))
    p = probe(server.where, "-a", "list")
    full.wait_for_client()
    p.stop()
    full.make_room()
    full.accept().close()
    p.go_on()
    is_good(p.result(), 0)


@pytest.mark.parametrize("command", [["list"], ["retr", "-a", "path=/f"]])
def test_data(ftp, probe, command):
    """More than the kernel takes for us: nothing is said on the control connection meanwhile."""
    stopped = threading.Event()
    server = ftp(session("150 a", data(b"a"), until(stopped.is_set), data(LARGE), DATA_CLOSE, "226 b"))
    p = probe(server.where, "-a", *command)
    rig.wait_until(lambda: server.sessions and server.sessions[0].sent == 1, "data")
    p.stop()
    stopped.set()
    p.go_on()
    is_good(p.result(), len(LARGE) + 1)
