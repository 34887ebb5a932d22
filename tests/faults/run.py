#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Each call that can fail made to fail in turn, through the life of the daemon and in `ftphealth check`.

A life: start, probes of a server that is good, with a file fetched after the login, of the same by its
name, and of one that refuses; a notification to a v2c sink; a reload that adds a target; stop. It is lived in three ways (life.py):
as an agent of its own; as a subagent of a real snmpd, with a SET; with TLS, evidence and metrics.
faults.c fails the calls. Held of each life, whatever failed:
  - No signal ends it, no sanitizer and no assertion speaks, nothing hangs, and memory that the
    program has allocated is freed at the end as it is without a fault.
  - A start that fails says why; the next one, without the fault, goes well in the same folder.
  - It is never told of a server: nothing of the good ones, no recovery and no loss of the bad one.
  - That the bad one refuses is told, or the log says that it could not be.
  - A SET that was taken holds, and one that was refused has changed nothing.
  - Evidence that could not be collected says neither "missing" nor "at risk"; metrics are whole or
    none.
  - When the fault is over every state is right again, a reload is taken, and the stop is clean.
"""
import argparse
import collections
import concurrent.futures
import multiprocessing
import os
import pathlib
import random
import re
import shlex
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import ftps
import rig
import test_smb
from ftpserver import DATA_CLOSE, FtpServer, data, session
from life import LIMIT, LIVES, SIGNS, Sink

# Calls on which a start or a probe rests in any number, and those of which there are a few.
MEMORY = ("malloc", "calloc", "realloc", "reallocarray", "strdup")
FILES = ("open", "open64", "read", "write", "pread64", "pwrite64", "fsync", "fdatasync",
         "ftruncate64", "fcntl64", "mkdir")
EVENTS = ("epoll_create1", "epoll_ctl", "eventfd", "timerfd_create", "timerfd_settime", "pipe2",
          "pthread_create")
NETWORK = ("socket", "socketpair", "bind", "listen", "setsockopt", "connect", "accept", "accept4",
           "send", "sendto", "sendmsg", "recv", "poll")
PROCESSES = ("posix_spawn", "waitid", "pidfd_open", "memfd_create")
ALL = MEMORY + FILES + EVENTS + NETWORK + PROCESSES
CHECK, SECURE = "check", "secure-check"  # kinds of commands; those of daemons: LIVES
KINDS = (*LIVES, CHECK, SECURE)
COUNTED = {CHECK: "check of the good one", SECURE: "check of the secure one"}


class Fault(collections.namedtuple("Fault", "call nth how who kind")):
    """HOW: once, after, always; WHO: program, all; KIND: in what."""

    def __str__(self):
        return "%s %d %s %s %s" % self

    @classmethod
    def parse(cls, text, kind="daemon"):
        """KIND is what it is when TEXT does not say."""
        call, nth, how, who, *rest = text.split(None, 4)
        return cls(call, int(nth), how, who, rest[0] if rest else kind)


def build(folder):
    library = folder / "faults.so"
    subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-std=gnu11", "-D_GNU_SOURCE",
                    "-fno-builtin", "-O1", "-shared", "-fPIC", "-o", str(library),
                    str(pathlib.Path(__file__).with_name("faults.c"))], check=True)
    return library


Server = collections.namedtuple("Server", "name address port")


GOOD = session("150 a", data(b"x" * 9), DATA_CLOSE, "226 b")


def serve(channel, other, certificate):
    """In a process of its own: what the lives keep busy must not make a server slow."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    other.close()
    plain = [FtpServer(script) for script in (GOOD, "pass-530")]
    secure = ftps.FtpsServer(certificate)
    for name, server in zip(("good", "bad", "secure"), (*plain, secure)):
        channel.send(Server(name, server.address, server.port))
    channel.poll(None)  # until the other end is gone


ADSUTIL = "AnonymousPasswordSync : (BOOLEAN) False\nAllowAnonymous : (BOOLEAN) True\n"


class Run:
    """What one folder, library and set of servers are used for."""

    def __init__(self):
        self.folder = rig.temporary_folder()
        self.library = build(self.folder)
        self.contract = rig.Contract()
        self.numbers = iter(range(1 << 30))
        self.lock = threading.Lock()
        self.left = {}  # by kind of program: what it leaves without a fault
        self.counts = {}  # likewise: {call: {who: number}}
        self.hits = collections.Counter()
        self.make_host()

    def make_host(self):
        """A server with TLS, and a host that tells of itself by a share, a path and SNMP."""
        authority = ftps.Authority(self.folder)
        self.ca = authority.ca
        context = multiprocessing.get_context("fork")
        self.channel, theirs = context.Pipe()
        self.servers = context.Process(target=serve, args=(
            theirs, self.channel, authority.issue("good")), daemon=True)
        self.servers.start()
        theirs.close()
        self.good, self.bad, self.secure = (self.channel.recv() for _ in range(3))
        self.smbd, self.snmpd = None, rig.Snmpd().start()
        setting, netrc = self.folder / "adsutil.txt", self.folder / "netrc"
        setting.write_text(ADSUTIL)
        netrc.write_text("machine 127.0.0.1 login %s password %s\n" % (
            test_smb.USER, test_smb.PASSWORD))
        netrc.chmod(0o600)
        self.evidence = {"setting": {"url": str(setting), "format": "adsutil"},
                         "snmp": {"agent": "udp:%s" % self.snmpd.where}, "netrc": str(netrc),
                         "interval": "10s", "timeout": "10s"}
        module, control = self.folder / "module.dll", self.folder / "control.dll"
        for path in (module, control):
            path.write_bytes(b"MZ")
        share = str(self.folder) + "/"
        if not test_smb.why_not():
            self.smbd = test_smb.Smbd()
            share = self.smbd.url()
            module, control = test_smb.DLL, test_smb.CONTROL
        self.evidence.update(module=[share + str(module).rsplit(share, 1)[-1]],
                             control=share + str(control).rsplit(share, 1)[-1])

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
        return self.live_as(fault.kind, fault)

    def live_as(self, kind, fault):
        sink = Sink(self.contract, ("good", "named", "late", "bad"))
        env, log, over = self.environment(fault)
        life = LIVES[kind](self, sink, env, over, fault)
        troubles = []
        try:
            life.run()
        except AssertionError as e:
            troubles += str(e).splitlines()[:20]
        finally:
            life.end()
            sink.close()
            over.unlink(missing_ok=True)
        failed, left, text = self.look(kind, fault, log)
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
        """`ftphealth check` of the good server and the bad one, or of the secure one."""
        return self.check_as(fault.kind, fault)

    def check_as(self, kind, fault):
        if kind == SECURE:
            options = ["--tls", "explicit", "--tls", "ca=%s" % self.ca]
            for key, value in self.evidence.items():
                pairs = {"%s.%s" % (key, k): v for k, v in value.items()} if isinstance(
                    value, dict) else {key: value[0] if isinstance(value, list) else value}
                options += [word for pair in pairs.items() for word in ("-e", "%s=%s" % pair)]
            return self.check_one(fault, "secure", self.secure, 0, (1, 2), options)
        return (self.check_one(fault, "good", self.good, 0, (1, 2), ("-a", "list"))
                + self.check_one(fault, "bad", self.bad, 2, (0, 1), ("-a", "list")))

    def check_one(self, fault, name, server, right, wrong, options=()):
        env, log, over = self.environment(fault)
        kind = "check of the %s one" % name
        command = [*shlex.split(os.environ.get("FTPHEALTH_WRAPPER", "")), rig.program("ftphealth"),
                   "check", "-t", "6", *options, "127.0.0.1:%d" % server.port]
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

    def try_all(self, faults, jobs):
        """What was wrong, a text for each fault in trouble."""
        troubles = []
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            work = [pool.submit(self.live if fault.kind in LIVES else self.check, fault)
                    for fault in faults]
            for n, done in enumerate(concurrent.futures.as_completed(work), 1):
                if done.result():
                    troubles.append(done.result())
                    print(done.result(), flush=True)
                if n % 250 == 0:
                    print("faults: %d of %d tried" % (n, len(faults)), flush=True)
        return troubles

    def baseline(self, kinds=KINDS):
        """All KINDS without a fault: how many calls there are, and that nothing is wrong."""
        with concurrent.futures.ThreadPoolExecutor(len(kinds)) as pool:
            work = [pool.submit(self.live_as if kind in LIVES else self.check_as, kind, None)
                    for kind in kinds]
        for done in work:
            assert not done.result(), done.result()

    def close(self):
        self.servers.terminate()
        self.servers.join()
        for server in (self.snmpd, self.smbd):
            if server:
                server.close()
        rig.remove_folder(self.folder)


def plan(run, kind, each, rng, names=ALL):
    """Faults of KIND: of each call and caller up to EACH places, spread over those that there are;
    and one that lasts, from a place on."""
    out, counts = [], run.counts[COUNTED.get(kind, kind)]
    for call in names:
        for who in ("program", "all"):
            n = counts.get(call, {}).get(who, 0)
            if n == 0 or (who == "all" and n == counts[call]["program"]):
                continue
            if n <= each:
                places = range(1, n + 1)
            else:
                places = sorted({int(n ** rng.random()) for _ in range(each)}
                                | {rng.randrange(1, n + 1) for _ in range(each // 2)})
            out += [Fault(call, place, "once", who, kind) for place in places]
            out.append(Fault(call, rng.randrange(1, n + 1), "after", who, kind))
    return out


def choose(run, seed, each, most, names=ALL):
    """At most MOST[kind] of what is planned for each kind: the same for the same SEED and counts. Mixed,
    as one smbd serves all that ask for evidence."""
    rng, out = random.Random(seed), []
    for kind, n in most.items():
        faults = plan(run, kind, each, rng, names)
        out += rng.sample(faults, min(n, len(faults)))
    rng.shuffle(out)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--seed", type=int, default=int(time.time()))
    p.add_argument("--each", type=int, default=40, help="places of each call and caller")
    p.add_argument("--kind", action="append", choices=KINDS, help="only this one; may be repeated")
    p.add_argument("--most", type=int, default=1 << 30, help="at most so many of each kind")
    p.add_argument("--jobs", type=int, default=8)
    p.add_argument("--call", action="append", help="only this one; may be repeated")
    p.add_argument("--fault", action="append", default=[],
                   help='such as "malloc 17 once program subagent"')
    a = p.parse_args()
    print("faults: seed %d" % a.seed, flush=True)
    kinds = a.kind or KINDS
    run = Run()
    try:
        run.baseline(kinds)
        faults = choose(run, a.seed, a.each, dict.fromkeys(kinds, a.most), a.call or ALL)
        if a.fault:
            faults = [Fault.parse(text, kind) for text in a.fault for kind in kinds]
        print("faults: %d" % len(faults), flush=True)
        troubles = run.try_all(faults, a.jobs)
    finally:
        run.close()
    hits = run.hits
    for (kind, call), n in sorted(hits.items(), key=str):
        if call:
            print("%s: %s failed in %d" % (kind, call, n))
    print("faults: %d in trouble" % len(troubles))
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
