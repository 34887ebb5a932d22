#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Thousands of random hostile dialogues at once, beside targets that are good.

The daemon watches the good ones alone first; then again, with hostile targets of which each has a
connection open nearly always. Their servers (swarm.py) hold all dialogues back until there are
enough, let go of all at once, and so again. Held of it:
  - The good ones are probed when it is their turn, as their own server sees it: none waits twice its
    interval, and 99 of 100 starts come hardly later than without the hostile ones.
  - None of them changes its state, and none of their probes fails.
  - The daemon answers SNMP all the while, and stops as it should.
  - Its memory does not grow from one attack to the next, and no dialogue costs more than a bound.
  - Nothing harmful is published or logged, and no sanitizer speaks.
"""
import argparse
import contextlib
import pathlib
import random
import resource
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "integration"), str(HERE.parent / "bench"), str(HERE)]

import measure
import rig
import swarm
from hostile import is_harmless

INTERVAL_GOOD = 4  # seconds
LATER = 5  # % of the interval that 99 of 100 starts may come later than without hostile ones
GROWTH = 1.25  # of memory from the first attack to the last
EACH = 80  # KB a hostile target: a reply is kept up to 64 KB
PAUSE = 0.25  # seconds between two questions by SNMP
PER_DESCRIPTOR = 3  # what the daemon counts for a probe
COLUMNS = ("ftpAuthStatusState", "ftpAuthCountStateChanges", "ftpAuthCountTimeout",
           "ftpAuthCountClosed", "ftpAuthCountInternalError", "ftpAuthCountProtocolError",
           "ftpAuthCountConnectFailed")
STALLS = ("ftpAuthAgentScheduleLag", "ftpAuthAgentLongestStall")  # ms, as it says itself
WORDS = ("ftpAuthStatusReplyText", "ftpAuthStatusUserReplyText", "ftpAuthStatusBanner",
         "ftpAuthStatusSoftware")


def shim(folder, wanted):
    """What lets the daemon try: nothing, or a library that hides the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard == resource.RLIM_INFINITY or hard >= wanted:
        return {}
    library = folder / "limit.so"
    subprocess.run(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-shared", "-fPIC", "-o",
                    str(library), str(HERE / "limit.c")], check=True)
    print("hostile: there may be %d descriptors, the daemon counts with %d" % (hard, wanted))
    return {"LD_PRELOAD": str(library), "LIMIT_FILES": str(wanted)}


class Asker(threading.Thread):
    """Asks by SNMP and looks at the memory, over and over."""

    def __init__(self, d, oid):
        super().__init__(daemon=True)
        self.d, self.oid = d, oid
        self.times, self.memory = [], []
        self.failed = None
        self.ended = threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(PAUSE):
            began = time.monotonic()
            try:
                self.d.client.value(self.oid)
                self.memory.append((began, rig.resident(self.d.process)))
            except (rig.SnmpTimeout, AssertionError, OSError, StopIteration) as e:
                self.failed = self.failed or repr(e)
            self.times.append(time.monotonic() - began)

    def end(self):
        self.ended.set()
        self.join()
        assert not self.failed, "it did not answer: %s" % self.failed

    def peak(self, since=0, until=float("inf")):
        inside = [kilobytes for when, kilobytes in self.memory if since <= when <= until]
        return max(inside or [self.memory[-1][1]])  # an answer may take longer than that


def lateness(w, since, until):
    """By how much more than the interval each start came after the one before it, in % of the
    interval. One beside the grid (of a target that is asked whether the network is at fault) is a
    start like any other: the turn that comes while it is under way is left out."""
    last, late = {}, []
    with open(w.log, encoding="ascii") as lines:
        for line in lines:
            when, address, _ = map(int, line.split())
            when /= 1e6
            if since <= when <= until:
                late.append(when - last.get(address, since) - w.interval)
                last[address] = when
    late += [until - last.get(measure.FIRST_ADDRESS + i - 1, since) - w.interval for i in w.good]
    return sorted(100 * max(0, x) / w.interval for x in late)


class Watch:
    """The daemon with N_GOOD good targets, and the hostile ones of SWARM."""

    def __init__(self, a, folder, name, env, targets=()):
        self.contract, self.interval = rig.Contract(), a.good_interval
        self.log = folder / ("starts." + name)  # of the good server
        self.stack = contextlib.ExitStack()
        server = self.stack.enter_context(measure.FakeServer("good", log=self.log))
        self.port = server.ports[0]
        good = [{"name": "good%d" % i, "host": measure.address(i), "port": self.port,
                 "interval": "%ds" % a.good_interval, "timeout": "%ds" % a.good_interval}
                for i in range(a.good)]
        self.d = rig.Daemon(good + list(targets), listen=rig.free_port(), env=env, top={
            "max-concurrent": min(100000, 2 * (a.good + len(targets)))})
        self.d.show_log = False
        self.stack.callback(self.d.close)
        self.d.start()
        self.asker = Asker(self.d, self.contract("ftpAuthAgentUpTime"))
        self.good = range(1, a.good + 1)
        rig.wait_until(lambda: self.summary() >= a.good, "the good ones to be good",
                       rig.PATIENCE + 10 * a.good_interval)

    def summary(self):
        return self.d.client.value(self.contract("ftpAuthSummaryOk"))

    def rows(self, name):
        """The good ones' values."""
        values = self.d.client.column(self.contract(name))
        return [values[str(i)] for i in self.good]

    def stop(self):
        self.asker.end()
        self.stalls = tuple(self.d.client.value(self.contract(name)) for name in STALLS)
        assert self.d.stop() == 0, self.d.log[-4000:]
        self.stack.close()

    def close(self):
        self.stack.close()


def percentile(values, percent):
    return values[min(len(values) - 1, len(values) * percent // 100)]


def show(name, late, w):
    times = sorted(w.asker.times)
    print("%-8s late p50 %.2f p99 %.2f max %.2f %% of the interval; SNMP %d answers, p50 %.0f "
          "max %.0f ms; memory %.1f MB; it says itself: lag %d ms, longest stall %d ms" % (
              name, percentile(late, 50), percentile(late, 99), late[-1], len(times),
              1000 * percentile(times, 50), 1000 * times[-1], w.asker.peak() / 1024, *w.stalls),
          flush=True)


def alone(a, folder, env):
    """(lateness, KB) without hostile targets."""
    w = Watch(a, folder, "alone", env)
    try:
        since = time.monotonic()
        time.sleep(a.rounds * a.good_interval)
        until = time.monotonic()
        w.stop()
    finally:
        w.close()
    late = lateness(w, since, until)
    assert late[-1] < 100, "a target waited twice its interval without any hostile one"
    show("alone:", late, w)
    return late, w.asker.peak()


def hostile_targets(a, servers):
    """So many that enough of them are connected at any time: a probe that lasts longer than the
    interval leaves out a turn."""
    return [{"name": "bad%d" % i, "host": servers[i % len(servers)][0],
             "port": servers[i % len(servers)][1], "interval": "%ds" % a.interval,
             "timeout": "%dms" % (950 * a.interval)} for i in range(a.dialogues * 11 // 10)]


def judge_words(w):
    """What the hostile ones have said, as it is published."""
    for name in WORDS:
        said = w.d.client.column(w.contract(name)).values()
        wrong = [t for t in said if not is_harmless(t) or len(t.encode()) > 255]
        assert not wrong, "%s: %r" % (name, wrong[:3])
    wrong = [x for x in w.d.log.splitlines() if not is_harmless(x)]
    assert not wrong, "its log: %r" % wrong[:3]


def attacked(a, folder, env, late_alone, kilobytes_alone):
    crowd = swarm.Swarm(a.seed, a.workers, a.dialogues)
    try:
        rig.wait_until(lambda: crowd.is_up, "the hostile servers")
        w = Watch(a, folder, "hostile", env, hostile_targets(a, crowd.servers))
        try:
            figures = through_attacks(a, w, crowd)
            w.stop()
        finally:
            w.close()
    finally:
        crowd.close()
    since, until, memory, troubles = figures
    late = lateness(w, since, until)
    show("hostile:", late, w)
    n = len(hostile_targets(a, crowd.servers))
    each = (w.asker.peak() - kilobytes_alone) / n
    print("hostile: %d attacks of at least %s dialogues at once, %d dialogues in all; memory %.1f KB "
          "a hostile target, %s MB at its most in each attack" % (
              len(memory), min(crowd.releases[:len(memory)]), crowd.connections, each,
              " ".join("%.0f" % (m / 1024) for m in memory)), flush=True)
    assert not troubles, "good targets: %s" % "; ".join(troubles)
    assert late[-1] < 100, "a good target waited twice its interval"
    later = percentile(late, 99) - percentile(late_alone, 99)
    assert later <= a.later, "they come later by %.1f %% of the interval" % later
    if not rig.has_sanitizer():  # it keeps what was freed
        assert memory[-1] <= GROWTH * memory[0], "its memory grows: %s KB" % memory
        assert each <= EACH, "%.1f KB a hostile target" % each


def through_attacks(a, w, crowd):
    """(begin, end, [most memory in each attack], [what has changed of the good ones])."""
    before = {name: w.rows(name) for name in COLUMNS}
    since, memory = time.monotonic(), []
    for n in range(a.attacks):
        began = time.monotonic()
        rig.wait_until(lambda n=n: len(crowd.releases) > n or w.d.process.poll() is not None,
                       "%d connections at once; there were %d" % (a.dialogues, crowd.most_waiting),
                       rig.PATIENCE + 10 * a.interval)
        assert w.d.process.poll() is None, "it ended: %s" % w.d.log[-4000:]
        time.sleep(a.interval / 4)  # what was let go of is under way
        memory.append(w.asker.peak(began))
    until = time.monotonic()
    troubles = []
    for name, old in before.items():
        changed = sum(a != b for a, b in zip(w.rows(name), old))
        if changed:
            troubles.append("%s of %d has changed" % (name, changed))
    judge_words(w)
    return since, until, memory, troubles


def run(a):
    print("hostile: seed %d, %d dialogues at once, %d good targets every %d s, %s" % (
        a.seed, a.dialogues, a.good, a.good_interval,
        "with a sanitizer" if rig.has_sanitizer() else "without sanitizers"), flush=True)
    folder = rig.temporary_folder()
    try:
        env = shim(folder, PER_DESCRIPTOR * 2 * (a.dialogues + a.good) + 1000)
        late, kilobytes = alone(a, folder, env)
        attacked(a, folder, env, late, kilobytes)
    finally:
        rig.remove_folder(folder)
    print("hostile: ok")


def main(*arguments):
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    p.add_argument("--dialogues", type=int, default=10000, help="at once")
    p.add_argument("--attacks", type=int, default=4)
    p.add_argument("--interval", type=int, default=40, help="of hostile targets, seconds")
    p.add_argument("--good", type=int, default=400)
    p.add_argument("--good-interval", type=int, default=INTERVAL_GOOD)
    p.add_argument("--rounds", type=int, default=10, help="of good targets alone")
    p.add_argument("--workers", type=int, default=4)
    p.add_argument("--later", type=int, default=LATER, help="%% of the interval; see above")
    run(p.parse_args(arguments or None))


if __name__ == "__main__":
    sys.exit(main())
