#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Each call that can fail made to fail in turn, through the life of the daemon and in `ftphealth check`.

The life: start, probes of a server that is good, with a file fetched after the login, of the same by
its name, and of one that refuses; a notification to a v2c sink; a reload that adds a target; stop.
faults.c fails the calls. Held of each life, whatever failed:
  - No signal ends it, no sanitizer and no assertion speaks, nothing hangs, and memory that the
    program has allocated is freed at the end as it is without a fault.
  - A start that fails says why; the next one, without the fault, goes well in the same folder.
  - It is never told of a server: nothing of the good ones, no recovery and no loss of the bad one.
  - That the bad one refuses is told, or the log says that it could not be.
  - When the fault is over every state is right again, a reload is taken, and the stop is clean.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import rig
from ftpserver import DATA_CLOSE, FtpServer, data, session
from rig import target

LIMIT = 40  # seconds, for what takes one or two
FAULT_LASTS = 1.5  # seconds; where it does not end by itself
TOLD = ("ftpAuthLoginRefused", "ftpAuthLoginRecovered", "ftpAuthUnreachable", "ftpAuthReachable",
        "ftpAuthDegraded", "ftpAuthDegradedCleared")
GOOD = session("150 a", data(b"x" * 9), DATA_CLOSE, "226 b")
SIGNS = ("Sanitizer", "runtime error:", "==ERROR", "ssertion")
# Calls on which a start or a probe rests in any number, and those of which there are a few.
MEMORY = ("malloc", "calloc", "realloc", "reallocarray", "strdup")
FILES = ("open", "open64", "read", "write", "pread64", "pwrite64", "fsync", "fdatasync",
         "ftruncate64", "fcntl64", "mkdir")
EVENTS = ("epoll_create1", "epoll_ctl", "eventfd", "timerfd_create", "timerfd_settime", "pipe2",
          "pthread_create")
NETWORK = ("socket", "socketpair", "bind", "connect", "send", "sendto", "sendmsg", "recv")
ALL = MEMORY + FILES + EVENTS + NETWORK


class Fault(collections.namedtuple("Fault", "call nth how who")):
    """HOW: once, after, always; WHO: program, all."""

    def __str__(self):
        return "%s %d %s %s" % self

    @classmethod
    def parse(cls, text):
        call, nth, how, who = text.split()
        return cls(call, int(nth), how, who)


def build(folder):
    library = folder / "faults.so"
    subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-std=gnu11", "-D_GNU_SOURCE",
                    "-fno-builtin", "-O1", "-shared", "-fPIC", "-o", str(library),
                    str(pathlib.Path(__file__).with_name("faults.c"))], check=True)
    return library


def encode(oid):
    """An OID's arcs in BER."""
    arcs = [int(arc) for arc in oid.strip(".").split(".")]
    out = bytearray([40 * arcs[0] + arcs[1]])
    for arc in arcs[2:]:
        octets = [arc & 0x7f]
        while arc > 0x7f:
            arc >>= 7
            octets.append(0x80 | (arc & 0x7f))
        out += bytes(reversed(octets))
    return bytes(out)


class Sink:
    """A receiver of v2c traps that looks for the names of notifications and targets in them."""

    def __init__(self, contract, targets):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.where = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.told = []  # (notification, target)
        self.names = {name: b"\x06" + bytes((len(encode(contract.oids[name])),))
                      + encode(contract.oids[name]) for name in TOLD}
        self.targets = {name: b"\x04" + bytes((len(name),)) + name.encode() for name in targets}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                packet = self.socket.recv(65536)
            except OSError:
                return
            if not packet:
                return
            self.told += [(n, t) for n, oid in self.names.items() if oid in packet
                          for t, name in self.targets.items() if name in packet]

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            host, port = self.where.split(":")
            s.sendto(b"", (host, int(port)))


class Run:
    """What one folder, library and pair of servers are used for."""

    def __init__(self):
        self.folder = rig.temporary_folder()
        self.library = build(self.folder)
        self.contract = rig.Contract()
        self.good, self.bad = FtpServer(GOOD), FtpServer("pass-530")
        self.good.name = "good"
        self.numbers = iter(range(1 << 30))
        self.lock = threading.Lock()
        self.left = {}  # by kind of program: what it leaves without a fault
        self.counts = {}  # likewise: {call: {who: number}}
        self.hits = collections.Counter()

    def environment(self, fault):
        with self.lock:
            number = next(self.numbers)
        log, over = self.folder / ("faults.%d" % number), self.folder / ("over.%d" % number)
        env = {"LD_PRELOAD": str(self.library), "FAULT_LOG": str(log), "FAULT_OVER": str(over)}
        if fault:
            env.update(FAULT_CALL=fault.call, FAULT_NTH=str(fault.nth), FAULT_FOR=fault.how,
                       FAULT_WHO=fault.who)
        return env, log, over

    def look(self, kind, fault, log):
        """The log of the faults: what failed where; complaints of memory that is left."""
        text = log.read_text() if log.exists() else ""
        log.unlink(missing_ok=True)
        m = re.search(r"^left (\d+) (\d+)$", text, re.M)
        if not fault:
            self.left[kind] = int(m[1]) if m else 0
            self.counts[kind] = {call: {"program": int(ours), "all": int(both)} for call, ours, both
                                 in re.findall(r"^count (\S+) (\d+) (\d+)$", text, re.M)}
        failed = len(re.findall(r"^failed ", text, re.M))
        self.hits[kind, fault.call if fault else None] += failed > 0
        troubles = []
        if m and fault and int(m[1]) > self.left.get(kind, 0):
            troubles.append("%s blocks of %s octets are left, not %d" % (
                m[1], m[2], self.left.get(kind, 0)))
        return failed, troubles, text

    # -------------------------------------------------------------- the daemon

    def live(self, fault):
        """One life; returns what was wrong, as lines."""
        sink = Sink(self.contract, ("good", "named", "late", "bad"))
        env, log, over = self.environment(fault)
        life = Life(self, sink, env, over, fault)
        troubles = []
        try:
            life.run()
        except AssertionError as e:
            troubles += str(e).splitlines()[:20]
        finally:
            life.end()
            sink.close()
            over.unlink(missing_ok=True)
        failed, left, text = self.look("daemon", fault, log)
        if life.ended_well and not re.search("left behind|not written", life.log):
            troubles += left  # what a thread that hangs may still use is its own
        troubles += life.troubles
        return self.report(fault, failed, troubles, life.log, text)

    def report(self, fault, failed, troubles, said, text):
        if not troubles:
            return ""
        return "--- %s (%d failed)\n%s\n- it said:\n%s\n- the first that failed:\n%s\n" % (
            fault, failed, "\n".join(troubles), said[-3000:],
            "\n".join(text.split("\nfailed ")[0].splitlines()[:24]))

    # -------------------------------------------------------------- the command

    def check(self, fault):
        """`ftphealth check` of the good server and the bad one."""
        out = ""
        for server, right, wrong in ((self.good, 0, (1, 2)), (self.bad, 2, (0, 1))):
            out += self.check_one(fault, server, right, wrong)
        return out

    def check_one(self, fault, server, right, wrong):
        env, log, over = self.environment(fault)
        kind = "check of the %s one" % server.name
        command = [*shlex.split(os.environ.get("FTPHEALTH_WRAPPER", "")), rig.program("ftphealth"),
                   "check", "-t", "2", "-a", "list", "127.0.0.1:%d" % server.port]
        try:
            p = subprocess.run(command, env=dict(os.environ, **env), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT,
                               check=False)
            code, said = p.returncode, p.stdout.decode("utf-8", "replace")
        except subprocess.TimeoutExpired as e:
            code, said = None, (e.stdout or b"").decode("utf-8", "replace")
        failed, troubles, text = self.look(kind, fault, log)
        if code is None:
            troubles.append("it hangs")
        elif code < 0:
            troubles.append("signal %d" % -code)
        elif code in wrong or (code != right and not failed):
            troubles.append("%s: exit code %d" % (kind, code))
        elif not said.strip():
            troubles.append("%s: exit code %d without a word" % (kind, code))
        troubles += ["%s in its output" % sign for sign in SIGNS if sign in said]
        return self.report(fault, failed, troubles, said, text)

    def try_all(self, lives, checks, jobs):
        """What was wrong, a text for each fault in trouble."""
        troubles = []
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            work = [pool.submit(self.live, fault) for fault in lives]
            work += [pool.submit(self.check, fault) for fault in checks]
            for done in concurrent.futures.as_completed(work):
                if done.result():
                    troubles.append(done.result())
                    print(done.result(), flush=True)
        return troubles

    def close(self):
        self.good.close()
        self.bad.close()
        rig.remove_folder(self.folder)


class Life:
    """One daemon, from its start to its end; again when a fault kept it from starting."""

    def __init__(self, run, sink, env, over, fault):
        self.sink, self.over, self.fault = sink, over, fault
        self.targets = [target("good", run.good, **{"after-login": {"command": "retr", "path": "/f"}}),
                        target("bad", run.bad),
                        dict(target("named", run.good), host="localhost",
                             **{"address-family": "ipv4"})]
        self.late = target("late", run.good)
        port = rig.free_port()
        self.daemon = rig.Daemon(self.targets, listen=port, env=env, top={"flap": {"changes": 0}},
                                 snmp="rocommunity public 127.0.0.1\ntrap2sink %s public\n"
                                 % sink.where)
        self.daemon.show_log = False
        self.troubles, self.ended_well, self.said = [], False, ""
        self.timer = threading.Timer(FAULT_LASTS, self.over.touch)

    log = property(lambda self: self.said or self.daemon.log)

    def wait(self, condition, what):
        """Waits, but not for one that has ended. When its loop cannot go on it says so and ends, and
        the service manager starts it again."""
        def alive_or_so():
            code = self.daemon.process.poll()
            if code is None or (code == 69 and "event loop failed" in self.log
                                and not self.over.exists() and self.start_again()):
                return condition()
            raise AssertionError("it ended with %s, waiting for %s" % (code, what))
        rig.wait_until(alive_or_so, what, LIMIT)

    def start_again(self):
        self.over.touch()
        self.daemon.manager.close()
        assert self.start(), "it does not start without the fault, either"
        return True

    def start(self):
        """True when it runs; it may refuse to, for a reason that it names."""
        d = self.daemon
        d.start(ready=False)
        if self.fault and self.fault.how != "once" and not self.timer.is_alive():
            self.timer.start()
        rig.wait_until(lambda: d.manager.count("READY=1") or d.process.poll() is not None,
                       "READY=1", LIMIT)
        if d.manager.count("READY=1"):
            return True
        code = d.process.wait()
        assert code >= 0, "signal %d at the start" % -code
        assert code == 69, "it ended with %d: that is nobody's mistake" % code
        assert d.log.strip(), "it ended with %d without a word" % code
        return False

    def run(self):
        if not self.start():
            assert self.fault, self.log
            self.start_again()
        self.wait(lambda: self.daemon.manager.status().endswith("2 ok, 1 refused"),
                  "the first states")
        self.reload()
        if self.fault and self.fault.how != "once":
            self.wait(self.over.exists, "the end of the fault")
        for _ in range(3):
            if self.is_settled(1.2):
                break
            self.reload()
        self.wait(lambda: self.daemon.manager.status().endswith("3 ok, 1 refused"),
                  "the states after the reload")
        self.stop()
        self.judge()

    def is_settled(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.daemon.manager.status().endswith("3 ok, 1 refused"):
                return True
            time.sleep(0.02)
        return False

    def reload(self):
        d = self.daemon
        d.configure([*self.targets, self.late])
        manager, before = d.manager, d.manager.count("READY=1")
        d.process.send_signal(signal.SIGHUP)
        try:
            self.wait(lambda: d.manager != manager or d.manager.count("READY=1") > before,
                      "the end of the reload")
        except AssertionError:
            # What tells that it is ready may be what failed: then the state tells.
            if not self.is_settled(0):
                raise

    def stop(self):
        d = self.daemon
        d.process.send_signal(signal.SIGTERM)
        try:
            code = d.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            where = rig.where_it_hangs(d.process.pid)
            raise AssertionError("it does not end\n" + where) from None
        assert (code == 0 or (code == 1 and rig.has_known_leak_only(self.log))
                or (code == 69 and "event loop failed" in self.log)), "exit code %d" % code
        self.ended_well = True

    def judge(self):
        told = list(self.sink.told)
        wrong = [(n, t) for n, t in told if t != "bad" or n != TOLD[0]]
        if wrong:
            self.troubles.append("a lie: %s" % wrong)
        if (TOLD[0], "bad") not in told and not re.search(
                r"[Nn]otif|send|trap|[Ee]vent \d+|memory|alloc|not written", self.log):
            self.troubles.append("the refusal was not told, and nobody says so")
        self.troubles += ["%s in its log" % sign for sign in SIGNS
                          if sign in self.log and not rig.has_known_leak_only(self.log)]

    def end(self):
        self.timer.cancel()
        process = self.daemon.process
        if process and process.poll() is None:
            process.kill()
            process.wait()
        if self.daemon.manager:
            self.daemon.manager.close()
        self.said = self.log
        rig.remove_folder(self.daemon.folder)


def plan(run, kind, each, rng, names=ALL):
    """Faults of KIND: of each call and caller up to EACH places, spread over those that there are;
    and one that lasts, from a place on."""
    out = []
    for call in names:
        for who in ("program", "all"):
            n = run.counts[kind].get(call, {}).get(who, 0)
            if n == 0 or (who == "all" and n == run.counts[kind][call]["program"]):
                continue
            if n <= each:
                places = range(1, n + 1)
            else:
                places = sorted({int(n ** rng.random()) for _ in range(each)}
                                | {rng.randrange(1, n + 1) for _ in range(each // 2)})
            out += [Fault(call, place, "once", who) for place in places]
            out.append(Fault(call, rng.randrange(1, n + 1), "after", who))
    return out


def choose(run, seed, each, lives, checks, names=ALL):
    """At most LIVES and CHECKS of what is planned: the same for the same SEED and counts."""
    rng = random.Random(seed)
    faults = plan(run, "daemon", each, rng, names)
    check_faults = plan(run, "check of the good one", each, rng, names)
    return (rng.sample(faults, min(lives, len(faults))),
            rng.sample(check_faults, min(checks, len(check_faults))))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--seed", type=int, default=int(time.time()))
    p.add_argument("--each", type=int, default=40, help="places of each call and caller")
    p.add_argument("--lives", type=int, default=1 << 30, help="at most so many daemons")
    p.add_argument("--checks", type=int, default=1 << 30, help="at most so many commands")
    p.add_argument("--jobs", type=int, default=8)
    p.add_argument("--call", action="append", help="only this one, which may be repeated")
    p.add_argument("--fault", action="append", default=[], help='such as "malloc 17 once program"')
    a = p.parse_args()
    print("faults: seed %d" % a.seed, flush=True)
    run = Run()
    try:
        for first in (run.live(None), run.check(None)):
            assert not first, first
        lives, checks = choose(run, a.seed, a.each, a.lives, a.checks, a.call or ALL)
        if a.fault:
            lives = checks = [Fault.parse(text) for text in a.fault]
        troubles = run.try_all(lives, checks, a.jobs)
    finally:
        run.close()
    hits = run.hits
    for (kind, call), n in sorted(hits.items(), key=str):
        print("%s: %s failed in %d" % (kind, call, n))
    print("faults: %d in trouble" % len(troubles))
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
