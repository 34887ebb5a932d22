#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The benchmarks, beside the peers and beside the physical limit, in one run.

    run.py [--quick] [--only NAME ...]

Prints `name value unit`, the baseline, the ratio and the bar; writes bench.json and performance.svg
into the build folder. What is measured has a CPU of its own; servers and driver have another.
"""
import argparse
import os
import signal
import sqlite3
import sys
import time

import peers
import plot
import walk
from measure import (BUILD, FIRST_ADDRESS, OURS, THEIRS, FakeServer, Report, address, client,
                     cpu_seconds, descriptors, machine, median, pinned, resident_kilobytes, rig)

INTERVAL = 60  # seconds; 10,000 targets a minute


def targets(count, port, first=1):
    """COUNT targets, each with an address of its own."""
    return [{"name": "t%06d" % i, "index": i, "host": address(i - 1), "port": port}
            for i in range(first, first + count)]


class Daemon(rig.Daemon):
    """The whole daemon, pinned: SNMP on, its store on disk, history and events kept."""

    def __init__(self, what, interval=INTERVAL, timeout=15, cpu=OURS, **top):
        top = dict({"max-concurrent": 10000, "history": {"rows": 300, "age": "7d"}}, **top)
        super().__init__(what, listen=rig.free_port(), top=top, wrapper=pinned(cpu),
                         defaults={"interval": "%ds" % interval, "timeout": "%ds" % timeout})
        self.show_log = False
        self.contract = rig.Contract()

    def scalar(self, name):
        return self.client.value(self.contract(name))

    def store(self, query):
        with sqlite3.connect("file:%s?mode=ro" % (self.folder / "state.db"), uri=True,
                             timeout=30) as db:
            return db.execute(query).fetchall()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()


# ------------------------------------------------------------------ the engine


def a_login(result):
    return result["cpu_usec"] / result["logins"]


def pairs(server, in_flight, total, rounds):
    """CPU a login of raw and of the engine, taken in turns."""
    raw, ours = [], []
    for _ in range(rounds):
        for name, figures in (("rawclient", raw), ("probes", ours)):
            figures.append(a_login(client(name, server.ports[0], len(server.ports),
                                          in_flight=in_flight, total=total + in_flight)))
    return median(raw), median(ours)


def saturated(report, quick):
    """Returns CPU a login of the engine, 100 in flight, in us."""
    result = None
    with FakeServer("good", "good", "good", "good", in_a_row=True) as server:
        for in_flight, bar in ((1, None), (10, None), (100, 1.7), (1000, None), (5000, 2.6)):
            if quick and not bar:
                continue
            total = 5000 if quick else 30000 if bar else 4000 if in_flight == 1 else 15000
            raw, ours = pairs(server, in_flight, total, 3 if bar and not quick else 1)
            report.point("raw", in_flight, raw)
            report.point("ftphealth", in_flight, ours)
            report.figure("saturated-%d" % in_flight, ours, "us-a-login", baseline=raw,
                          bar=bar and ("<=", bar))
            if in_flight == 100:
                result = ours
        peers.run(report, server, result, quick)
    return result


def share(result):
    return 100 * result["cpu_usec"] / result["wall_usec"]


def paced(report, quick):
    """10,000 targets a minute, 20 ms a reply. Raw is taken before and after: what a connection costs
    the kernel depends on how many others have just ended."""
    seconds = 3 if quick else 20
    total = 10000 * seconds // 60 + 50
    with FakeServer("good", delay=20) as server:
        def client_share(name):
            return share(client(name, server.ports[0], per_minute=10000, in_flight=50,
                                total=total))
        raw, ours = client_share("rawclient"), client_share("probes")
        with Daemon(targets(10000, server.ports[0])) as daemon:
            time.sleep(1 if quick else 20)
            before, began = cpu_seconds(daemon.process.pid), time.monotonic()
            while time.monotonic() < began + 2 * seconds:
                daemon.scalar("ftpAuthSummaryOk")
                time.sleep(2)
            used = cpu_seconds(daemon.process.pid) - before
            daemon_share = 100 * used / (time.monotonic() - began)
        raw = (raw + client_share("rawclient")) / 2
        report.figure("paced-engine", ours, "%-of-a-core", baseline=raw, bar=("<=", 1.15))
        report.figure("paced-daemon", daemon_share, "%-of-a-core", baseline=raw, bar=("<=", 1.5))


# ------------------------------------------------------------------ hung servers

HUNG = ("hang-banner", "hang-user", "hang-pass", "hang-quit", "drop")


def lateness(log, good_port, count, interval, end):
    """For each turn of each good target, how much later than its turn the start came, in s. The
    grid's origin is not known outside: it is taken from the start that came soonest. Probes beside
    the grid (of those asked whether the network is at fault) are no turn of theirs."""
    starts = {}
    with open(log, encoding="ascii") as lines:
        for line in lines:
            usec, where, port = map(int, line.split())
            if port == good_port:
                starts.setdefault(where - FIRST_ADDRESS + 1, []).append(usec / 1e6)
    phases = {i: (i - 1) * 0.6180339887498949 % 1 * interval for i in range(1, count + 1)}
    firsts = [starts[i][0] - phases[i] for i in phases if i in starts]
    middle = median(firsts)
    origin = min(x for x in firsts if abs(x - middle) < interval / 10)
    late = []
    for i, phase in phases.items():
        turn = origin + phase
        while turn < end:
            late.append(next((s for s in starts.get(i, []) if s >= turn - 0.001), end) - turn)
            turn += interval
    return sorted(late)


def hung(report, quick):
    """500 servers that hang in each way there is among 10,000 good ones."""
    count, interval, timeout, seconds = (2000, 6, 3, 8) if quick else (10000, 60, 15, 80)
    each = count // 100
    folder = rig.temporary_folder()
    try:
        with FakeServer("good", *HUNG, log=folder / "starts") as server:
            what = targets(count, server.ports[0])
            for n, port in enumerate(server.ports[1:]):
                what += targets(each, port, first=count + n * each + 1)
            with Daemon(what, interval=interval, timeout=timeout) as daemon:
                time.sleep(seconds)
                end = time.monotonic() - interval / 50
                lag = daemon.scalar("ftpAuthAgentScheduleLag")
                ok = daemon.scalar("ftpAuthSummaryOk")
                stalls(report, daemon, "hung-longest-stall", None)
            if ok < count:
                raise SystemExit("bench: only %d of %d good servers were found good" % (ok, count))
        late = lateness(folder / "starts", server.ports[0], count, interval, end)
    finally:
        rig.remove_folder(folder)
    percent = 100 / interval
    report.figure("hung-start-delay-max", late[-1] * percent, "%-of-interval", bar=("<=", 1))
    report.figure("hung-start-delay-p99", late[len(late) * 99 // 100] * percent, "%-of-interval")
    report.figure("hung-schedule-lag", lag, "ms")


def stalls(report, daemon, name, bar):
    longest = next((n for n in daemon.contract.oids if n.startswith("ftpAuthAgentLongestStall")),
                   None)
    if longest:
        report.figure(name, daemon.scalar(longest), "ms", bar=bar)
    else:
        report.missed(name, "this daemon does not publish it")


# ------------------------------------------------------------------ all fail at once


def mass_failure(report, quick):
    """All were good; then all answers to PASS come in one moment, and are refusals."""
    count, interval = (1000, 6) if quick else (10000, 20)
    receiver = rig.TrapReceiver()
    try:
        with FakeServer("good", "hold") as server:
            good, hold = server.ports
            daemon = Daemon(targets(count, good), interval=interval, timeout=interval,
                            events=100000)
            with open(daemon.netsnmp.conf / "ftphealthd.conf", "a", encoding="ascii") as f:
                f.write("rocommunity public 127.0.0.1\ntrap2sink %s public\n" % receiver.where)
            with daemon:
                measure_failure(report, daemon, server, count, hold, receiver)
    finally:
        receiver.close()


def measure_failure(report, daemon, server, count, hold, receiver):
    rig.wait_until(lambda: daemon.scalar("ftpAuthSummaryOk") == count, "all to be good", limit=60)
    # What has moved is probed at once: as many as there are descriptors for wait for the answer to
    # PASS, and the others for those.
    daemon.configure(targets(count, hold))
    daemon.reload()
    rig.wait_until(lambda: daemon.scalar("ftpAuthAgentProbesActive") +
                   daemon.scalar("ftpAuthAgentProbesQueued") >= count, "all to be held")
    # SYNs that the queue of the server had no room for are sent again.
    time.sleep(4 if count > 4000 else 1)
    held = daemon.scalar("ftpAuthAgentProbesActive")
    stalls(report, daemon, "mass-failure-longest-stall-before", None)
    before = cpu_seconds(daemon.process.pid)
    told = len(receiver.received)
    began = time.monotonic()
    server.signal(signal.SIGUSR1)
    refused = "SELECT count(*) FROM event WHERE kind = 1"
    rig.wait_until(lambda: daemon.store(refused)[0][0] >= count, "all events", limit=60)
    stored = time.monotonic() - began
    rig.wait_until(lambda: daemon.scalar("ftpAuthAgentNotifyPending") == 0 and
                   len(receiver.received) > told, "all to be told", limit=60)
    done = time.monotonic() - began
    report.figure("mass-failure-targets", count, "targets")
    report.figure("mass-failure-held", held, "targets")
    report.figure("mass-failure-stored", stored, "s", bar=("<=", 10))
    report.figure("mass-failure-told", done, "s", bar=("<=", 10))
    report.figure("mass-failure-notifications", len(receiver.received) - told, "notifications")
    report.figure("mass-failure-cpu", (cpu_seconds(daemon.process.pid) - before) / count * 1e6,
                  "us-a-target")
    stalls(report, daemon, "mass-failure-longest-stall", ("<=", 50))


# ------------------------------------------------------------------ memory



def memory(report, quick):
    """At rest, all targets probed once: what each adds to a daemon that has one."""
    counts = (1, 5000) if quick else (1, 10000, 100000)
    sizes = {}
    with FakeServer("good", "good") as server:
        # Side by side, as they do not wait for CPU: the first sweep takes a minute.
        daemons = {}
        try:
            for count in counts:
                daemon = Daemon(targets(count, server.ports[0]), cpu=OURS,
                                interval=6 if quick else 86400, timeout=5)
                began = time.monotonic()
                daemons[count] = daemon.start()
                daemon.scalar("ftpAuthSummaryTotal")
                if count == 100000:
                    report.figure("start-100000", time.monotonic() - began, "s", bar=("<=", 3))
            for count, daemon in daemons.items():
                rig.wait_until(lambda d=daemon, c=count: d.scalar("ftpAuthSummaryOk") == c,
                               "%d targets to be good" % count, limit=120)
            time.sleep(1 if quick else 5)
            sizes = {count: resident_kilobytes(d.process.pid) for count, d in daemons.items()}
        finally:
            for daemon in daemons.values():
                daemon.close()
    for count in counts[1:]:
        report.figure("memory-%d" % count, (sizes[count] - sizes[1]) / count * 1024,
                      "octets-a-target", bar=("<=", 2048))
        report.figure("memory-%d-resident" % count, sizes[count] / 1024, "MB",
                      bar=("<=", 256) if count == 100000 else None)


# ------------------------------------------------------------------ the run

PARTS = {"saturated": saturated, "paced": paced, "hung": hung, "mass": mass_failure,
         "memory": memory, "walk": walk.walk}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="under a minute, for the numbers")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    arguments = parser.parse_args()
    if descriptors(12000) < 12000:
        sys.exit("bench: 12,000 descriptors are needed: ulimit -Hn, or LimitNOFILE of the service")
    if OURS == THEIRS:
        print("note: there is one CPU only; servers and clients share it", flush=True)
    os.sched_setaffinity(0, {THEIRS})
    report = Report()
    for name in arguments.only:
        PARTS[name](report, arguments.quick)
    report.write(BUILD / "bench.json")
    if len(report.series) > 1:
        (BUILD / "performance.svg").write_text(plot.svg(report.series, machine()), "utf-8")


if __name__ == "__main__":
    main()
