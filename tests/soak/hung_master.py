#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""snmpd stopped for a minute while every target begins to fail.

What is checked:
  - Probing goes on: while the master is stopped each target is tried, and the agent publishes how
    late it is.
  - The storm is told by a few raises, as many as the limit, and one ftpAuthMassFailure; its end by
    one ftpAuthMassRecovered. Each raise that was told is cleared; each that was not is an event.
  - All that the events say was told has arrived; nothing was dropped.
  - snmpd is not dead-locked: it answers, and so does the MIB behind it.
"""
import argparse
import sys
import time

import ledger
import rig
from ledger import Ledger, Store, look, show
from ftpserver import FtpServer


class Hung:
    def __init__(self, targets, interval, storm, freeze):
        self.n, self.storm, self.freeze = targets, storm, freeze
        self.limit = 60 + 3 * interval
        self.contract = rig.Contract()
        self.receiver = rig.TrapReceiver()
        self.ledger = Ledger(self.receiver, self.contract)
        self.server = FtpServer()
        self.master = rig.Snmpd(sinks="trap2sink %s public\n" % self.receiver.where)
        self.targets = [rig.target("t%05d" % i, self.server, user="u%05d" % i)
                        for i in range(targets)]
        self.daemon = rig.Daemon(
            self.targets, agentx=self.master.agentx,
            defaults={"interval": "%ds" % interval, "timeout": "%ds" % min(interval, 15)},
            top={"events": 10 * targets, "notifications": {"storm": storm}})
        self.counts = {"targets": targets}

    def value(self, name):
        return self.master.client.value(self.contract(name))

    def wait(self, condition, what):
        return rig.wait_until(condition, what, self.limit)

    def tried_since(self, mark):
        """How many targets have been answered in a session since the MARKth."""
        return len({s.user for s in self.server.sessions[mark:] if s.end is not None})

    def wait_for_all(self, column):
        self.wait(lambda: self.value(column) == self.n, "%s to be %d" % (column, self.n))

    def begin(self):
        self.master.start()
        self.daemon.start()
        self.wait(lambda: self.master.impatient.answers(self.contract("ftpAuthSummaryTotal")),
                  "the MIB")
        self.wait_for_all("ftpAuthSummaryOk")

    def hang(self):
        self.master.freeze()
        self.server.behave("pass-530")
        mark, start = len(self.server.sessions), time.monotonic()
        time.sleep(self.freeze)
        self.counts["logins tried in the first %d s of it" % self.freeze] = (
            len(self.server.sessions) - mark)
        self.wait(lambda: self.tried_since(mark) == self.n, "each target to be tried")
        self.counts["seconds that snmpd was stopped"] = round(time.monotonic() - start, 1)
        self.master.thaw()

    def after(self):
        self.wait(self.master.impatient.answers, "snmpd to answer")
        self.wait(lambda: self.master.impatient.answers(self.contract("ftpAuthSummaryTotal")),
                  "the MIB behind it")
        self.wait_for_all("ftpAuthSummaryRefused")
        self.counts["ms of ftpAuthAgentScheduleLag"] = self.value("ftpAuthAgentScheduleLag")
        attempts = self.master.client.column(self.contract("ftpAuthCountAttempts"))
        assert len(attempts) == self.n and min(attempts.values()) >= 2, "all were tried twice"
        self.counts["attempts counted"] = sum(attempts.values())
        self.counts["skipped"] = sum(
            self.master.client.column(self.contract("ftpAuthCountSkipped")).values())
        self.drained()
        assert self.value("ftpAuthAlarmsActive") == self.n + 1, "of each target, and the mass alarm"
        told = [t.event for t in self.ledger.take().told.values()]
        assert told.count("ftpAuthMassFailure") == 1, "one stands for all"
        assert told.count("ftpAuthLoginRefused") == self.storm, "as many as the limit"
        mass = next(t for t in self.ledger.told.values() if t.event == "ftpAuthMassFailure")
        assert mass.count == self.storm + 1, "those within a minute, with the one too many"

    def drained(self):
        self.wait(lambda: self.value("ftpAuthAgentNotifyPending") == 0 and
                  look(self.daemon, self.contract).waiting == 0, "all to be told")

    def recover(self, end_storm):
        """END_STORM: not after the minute that a storm is remembered, but by configuration."""
        self.server.behave("good")
        self.wait_for_all("ftpAuthSummaryOk")
        if end_storm:
            self.daemon.top["notifications"] = {"storm": 0}
            self.daemon.configure(self.targets)
            self.daemon.reload()
        self.wait(lambda: self.value("ftpAuthAlarmsActive") == 0, "all alarms to end")
        self.drained()
        assert self.value("ftpAuthAgentNotifyDropped") == 0
        self.counts["retried"] = self.value("ftpAuthAgentNotifyRetried")
        self.counts["damped"] = self.value("ftpAuthAgentNotifyDamped")

    def judge(self):
        self.ledger.note(Store(self.daemon, self.contract))
        rows = list(self.ledger.rows.values())
        for event in ("ftpAuthLoginRefused", "ftpAuthLoginRecovered"):
            names = {row[1] for row in rows if row[0] == event}
            assert len(names) == self.n, "each target has its %s among the events" % event
        for event in ("ftpAuthMassFailure", "ftpAuthMassRecovered"):
            assert sum(row[0] == event for row in rows) == 1, event
        sent = [n for n, row in self.ledger.rows.items() if row[5]]
        try:
            rig.wait_until(lambda: set(sent) <= set(self.ledger.take().told), "what was sent")
        except AssertionError:
            pass  # the comparison names them
        show("counts", self.counts)
        show("told", self.ledger.counts())
        assert self.receiver.drops == 0, "the receiver was too slow: nothing is proven"
        assert sum(not row[5] for row in rows) == self.counts["damped"]
        self.ledger.compare()
        left = self.ledger.pairs()
        assert not left, "alarms left open: %s" % left
        self.ledger.in_order()

    def run(self, end_storm):
        self.begin()
        self.hang()
        self.after()
        self.recover(end_storm)
        self.judge()

    def close(self):
        self.server.close()
        self.daemon.close()
        self.master.close()
        self.receiver.close()


def run(targets, interval, storm, freeze, end_storm=False, keep=False):
    print("hung_master: %d targets each %d s, storm limit %d, snmpd stopped for %d s" %
          (targets, interval, storm, freeze), flush=True)
    hung = Hung(targets, interval, storm, freeze)
    hung.daemon.show_log = not keep
    try:
        hung.run(end_storm)
    except BaseException:
        show("counts", hung.counts)
        if keep:
            ledger.keep(hung.daemon)
        raise
    finally:
        hung.close()


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--targets", type=int, default=10000)
    p.add_argument("--interval", type=int, default=60, help="seconds")
    p.add_argument("--storm", type=int, default=100)
    p.add_argument("--freeze", type=int, default=60, help="seconds")
    a = p.parse_args()
    run(a.targets, a.interval, a.storm, a.freeze, keep=True)
    print("hung_master: ok")


if __name__ == "__main__":
    sys.exit(main())
