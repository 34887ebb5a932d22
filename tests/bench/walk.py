#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What it costs to read the tables: column by column and row by row, through snmpd and without it.

The master and the daemon share one CPU: a walk through a master is strict ping-pong, and between two
of them it is their wake-ups that would be measured. The manager, which is below, has the other.

The targets are switched off, so that nothing but the walk is measured: their rows are as many and as
wide as any, only that most of their text is empty.

    walk.py [--quick]     prints `name value unit`, the baseline, the ratio and the bar
"""
import argparse
import os
import socket
import time

from measure import OURS, THEIRS, Report, cpu_seconds, median, pinned, rig

COLUMN_REPETITIONS, ROW_REPETITIONS = 25, 10  # of a GETBULK: what snmpbulkwalk -Cr25 asks; a packet
COLUMNS = 10  # of a walk column by column; row by row it is all of the table's


# ------------------------------------------------------------------ the manager


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 128:
        return bytes((tag, n)) + body
    return bytes((tag, 130, n >> 8, n & 255)) + body


def sub_id(n):
    octets = [n & 127]
    while n > 127:
        n >>= 7
        octets.append(128 | n & 127)
    return bytes(reversed(octets))


def oid_octets(dotted):
    ids = [int(i) for i in dotted.strip(".").split(".")]
    return bytes((40 * ids[0] + ids[1],)) + b"".join(map(sub_id, ids[2:]))


def header(data, at):
    """(tag, where the contents begin, where they end)."""
    tag, length = data[at:at + 2]
    at += 2
    if length < 128:
        return tag, at, at + length
    n = length & 127
    return tag, at + n, at + n + int.from_bytes(data[at:at + n], "big")


class Manager:
    """GETBULK over SNMPv2c, and as little work as it takes to know where a table ends."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self.number = 0

    def close(self):
        self.socket.close()

    def ask(self, names, repetitions):
        self.number = self.number % 30000 + 1
        bindings = tlv(0x30, *(tlv(0x30, tlv(6, name), b"\x05\0") for name in names))
        pdu = tlv(0xa5, tlv(2, self.number.to_bytes(2, "big")), b"\x02\x01\0", tlv(2, bytes((0, repetitions))), bindings)
        self.socket.send(tlv(0x30, b"\x02\x01\x01", tlv(4, b"public"), pdu))
        while True:
            data = self.socket.recv(65536)
            at = header(data, 0)[1]
            for _ in range(2):  # version, community
                at = header(data, at)[2]
            at = header(data, at)[1]
            _, begin, at = header(data, at)
            if int.from_bytes(data[begin:at], "big") != self.number:
                continue
            _, begin, at = header(data, at)
            assert data[begin:at] == b"\0", "an error of SNMP: %d" % data[at - 1]
            return data, header(data, header(data, at)[2])  # behind the index of the error

    def walk(self, columns, repetitions):
        """Reads COLUMNS together, to the end of the first. Returns the values that it got."""
        names, n = [c + b"\0" for c in columns], 0
        first, width = columns[0], len(columns)
        while True:
            data, (_, at, end) = self.ask(names, repetitions)
            got = 0
            row = []
            while at < end:
                _, inner, at = header(data, at)
                _, begin, stop = header(data, inner)
                if got % width == 0:
                    if data[begin:begin + len(first)] != first:
                        return n
                    row = []
                row.append(data[begin:stop])
                got += 1
                if got % width == 0:
                    n += width
                    names = row
            assert got >= width, "not one row in an answer"


# ------------------------------------------------------------------ the agents


class Agents:
    """A daemon with ROWS targets, behind snmpd or alone. Costs are in us a value."""

    def __init__(self, rows, alone=False):
        targets = [{"name": "ftp%06d" % i, "host": "127.0.0.1", "port": 9} for i in range(rows)]
        self.rows, self.contract = rows, rig.Contract()
        self.names = [name for name in self.contract.of_kind("column")
                      if name.startswith("ftpAuthStatus")]
        self.master = None if alone else rig.Snmpd().start()
        port = rig.free_port() if alone else self.master.port
        self.daemon = rig.Daemon(targets, agentx=None if alone else self.master.agentx,
                                 listen=port if alone else None, wrapper=pinned(OURS),
                                 defaults={"interval": "1d", "enabled": False})
        self.daemon.show_log = False
        self.manager = Manager(port)
        self.pids = []

    def __enter__(self):
        try:
            return self._start()
        except BaseException:
            self.close()
            raise

    def _start(self):
        self.daemon.start()
        self.pids.append(self.daemon.process.pid)
        client = (self.master or self.daemon).client
        if self.master:
            self.pids.append(self.master.process.pid)
            os.sched_setaffinity(self.master.process.pid, {OURS})
        rig.wait_until(lambda: client.answers(self.contract("ftpAuthSummaryTotal")), "the MIB")
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.manager.close()
        self.daemon.close()
        if self.master:
            self.master.close()

    def _walk(self, names, repetitions, together):
        columns = [oid_octets(self.contract(name)) for name in names]
        groups = [columns] if together else [[c] for c in columns]
        before, began = [cpu_seconds(pid) for pid in self.pids], time.monotonic()
        n = sum(self.manager.walk(group, repetitions) for group in groups)
        rate = n / (time.monotonic() - began)
        used = [cpu_seconds(pid) - b for pid, b in zip(self.pids, before)]
        if n != self.rows * len(columns):
            raise SystemExit("bench: %d values of %d rows and %d columns" %
                             (n, self.rows, len(columns)))
        return [1e6 * u / n for u in used] + [rate]

    def by_column(self):
        """[the daemon's, the master's unless alone, values a second]"""
        return self._walk(self.names[:COLUMNS], COLUMN_REPETITIONS, False)

    def by_row(self):
        return self._walk(self.names, ROW_REPETITIONS, True)


def in_turns(rounds, *walks):
    """The medians of each of WALKS, taken in turns: what the machine does meanwhile, it does to all."""
    taken = [[walk_once() for walk_once in walks] for _ in range(rounds)]
    return [[median(figures) for figures in zip(*of_one)] for of_one in zip(*taken)]


# ------------------------------------------------------------------ the figures


def through_snmpd(report, rows, columns, by_rows):
    """What a value of ROWS rows costs by column and by row."""
    for name, (ours, master, rate), bar in (("columns", columns, 1.3), ("rows", by_rows, 1.0)):
        report.figure("walk-%s-%d" % (name, rows), ours, "us-a-value", baseline=master,
                      bar=("<=", bar))
        report.figure("walk-%s-%d-rate" % (name, rows), rate, "values-a-second")
    for name, value, base in (("", by_rows[0], columns[0]),
                              ("-in-all", sum(by_rows[:2]), sum(columns[:2]))):
        report.figure("walk-rows-not-columns-%d%s" % (rows, name), value, "us-a-value",
                      baseline=base, ratio=base / value, bar=None if name else (">=", 4))


def walk(report, quick):
    few, many = (500, 5000) if quick else (10000, 100000)
    with Agents(few) as small, Agents(many) as large:
        for agents in small, large:
            agents.by_row()  # they have all their memory then
        rows = in_turns(3, small.by_row, large.by_row)
        columns = in_turns(3 if quick else 2, small.by_column, large.by_column)
    for n, by_column, by_row in zip((few, many), columns, rows):
        through_snmpd(report, n, by_column, by_row)
    for name, (less, more) in ("columns", columns), ("rows", rows):
        report.figure("walk-%s-%d-rows-for-%d" % (name, many, few), more[0], "us-a-value",
                      baseline=less[0], bar=("<=", 1.2))
    with Agents(many, alone=True) as agents:
        agents.by_row()
        alone, _ = agents.by_column()
    base = sum(columns[1][:2])
    report.figure("walk-listen-%d" % many, alone, "us-a-value", baseline=base, ratio=base / alone,
                  bar=(">=", 5))


def run(quick):
    """The figures alone, as they stand in bench.json."""
    report = Report()
    walk(report, quick)
    return report.figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    os.sched_setaffinity(0, {THEIRS})
    run(parser.parse_args().quick)


if __name__ == "__main__":
    main()
