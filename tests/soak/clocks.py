#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The time of day set back and forth by a day, as the daemon alone sees it (clock.c).

What is checked at each step, with one alarm open, repeats and heartbeats on:
  - No notification is caused by it; repeats and heartbeats neither burst nor stop.
  - Probing goes on, states stay, ages are those of seconds ago.
  - A raise and a clear are told as before.
  - The rows of the history stay, in the order of their numbers.
  - The same after a kill and a start under the other time.
"""
import argparse
import json
import os
import pathlib
import shlex
import sqlite3
import struct
import subprocess
import sys
import time

import ledger
import rig
from ledger import OK, REFUSED, Ledger, Store, show
from ftpserver import FtpServer

DAY = 86400
HEARTBEAT, REPEAT = 1, 2  # seconds
AT_RISK = 2  # FtpAuthState
GOOD = 2  # FtpAuthEvidenceResult


class Clock:
    """The daemon's time of day."""

    def __init__(self, folder):
        library = folder / "clock.so"
        subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-std=gnu11", "-D_GNU_SOURCE",
                        "-O2", "-shared", "-fPIC", "-o", str(library),
                        str(pathlib.Path(__file__).with_name("clock.c"))], check=True)
        self.file = folder / "clock"
        self.file.write_bytes(bytes(8))
        self.days = 0
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_FILE": str(self.file)}

    def set(self, days):
        self.days = days
        with open(self.file, "r+b") as file:
            file.write(struct.pack("q", days * DAY))


class Clocks:
    def __init__(self):
        self.contract = rig.Contract()
        self.folder = rig.temporary_folder()
        self.clock = Clock(self.folder)
        self.receiver = rig.TrapReceiver()
        self.ledger = Ledger(self.receiver, self.contract, repeats=True)
        self.servers = [FtpServer() for _ in range(5)]
        self.servers[0].behave("pass-530")
        self.servers[2].behave("iis4")
        self.targets = targets = [rig.target("t%d" % i, s, index=i + 1)
                                  for i, s in enumerate(self.servers)]
        targets[1]["evidence"] = {"setting": self.document("vsftpd", "anonymous_enable=YES\n"),
                                  "interval": "1s", "timeout": "1s"}
        # Found out once, and too old after a step.
        self.document("msv1_0.dll", "MZ")
        targets[2]["evidence"] = {
            "module": [str(self.folder / "iissuba.dll")],
            "control": str(self.folder / "msv1_0.dll"),
            "setting": self.document("adsutil", "AnonymousPasswordSync : (BOOLEAN) True\n"
                                     "AllowAnonymous : (BOOLEAN) True\n"),
            "interval": "1h", "max-age": "1h", "timeout": "5s"}
        self.master = rig.Snmpd(sinks="trap2sink %s public\n" % self.receiver.where).start()
        self.daemon = rig.Daemon(
            targets, agentx=self.master.agentx, env=self.clock.environment,
            top={"flap": {"changes": 0}, "history": {"rows": 10000},
                 "notifications": {"heartbeat": "%ds" % HEARTBEAT, "repeat": "%ds" % REPEAT}})
        self.start = time.monotonic()
        self.steps = self.kills = 0
        self.known = 0  # told, but for heartbeats and repeats

    def document(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return {"url": str(path), "format": name}

    def column(self, name, index=None):
        if index:
            return self.master.client.value(self.contract(name, index))
        return self.master.client.column(self.contract(name))

    def told(self, event=None):
        """Those of EVENT, or all but heartbeats and repeats."""
        all_ = sorted(self.ledger.take().told.values(), key=lambda t: t.sequence)
        first = {}
        for t in all_:
            first.setdefault((t.alarm, t.event), t.sequence)
        if event:
            return [t for t in all_ if t.event == event]
        return [t for t in all_ if t.event != "ftpAuthHeartbeat" and
                (not t.alarm or first[t.alarm, t.event] == t.sequence)]

    def history(self):
        """{target: [(number, time)]} in order of number."""
        db = sqlite3.connect("file:%s?mode=ro" % (self.daemon.folder / "state.db"), uri=True)
        rows = db.execute("SELECT target, number, time FROM history"
                          " ORDER BY target, number").fetchall()
        db.close()
        out = {}
        for target, number, stamp in rows:
            out.setdefault(target, []).append((number, stamp / 1e6))
        return out

    def is_under_this_time(self, since):
        """Each target was probed three times since, and dated as the clock is now: else nothing
        would be proven."""
        now = time.time() + self.clock.days * DAY
        history = self.history()
        return all(rows[-1][0] >= since[t][-1][0] + 3 and abs(rows[-1][1] - now) < DAY / 4
                   for t, rows in history.items())

    # ------------------------------------------------------------------ one step

    def check_present(self, history):
        """Nothing came of it."""
        new = self.told()[self.known:]
        assert not new, "the clock caused %s" % new
        states = self.column("ftpAuthStatusState")
        assert states == {"1": REFUSED, "2": OK, "3": AT_RISK, "4": OK, "5": OK}, states
        for name in ("ftpAuthStatusProbeAge", "ftpAuthEvidenceSettingAge", "ftpAuthEvidenceAge"):
            for index, age in self.column(name).items():
                if name == "ftpAuthStatusProbeAge" or index == "2":  # asked for each second
                    assert 0 <= age < DAY / 4, "%s.%s is %d" % (name, index, age)
        assert self.column("ftpAuthEvidenceSettingResult", 2) == GOOD
        ages = self.column("ftpAuthAlarmAge").values()
        assert len(ages) == 2 and max(ages) < 3 * DAY, "ages of the alarms: %s" % ages
        for target, rows in self.history().items():
            numbers = [number for number, _ in rows]
            # A kill may have taken the latest second along.
            gaps = [b - a for a, b in zip(numbers, numbers[1:]) if b - a > 1]
            assert sum(gaps) <= 3 * self.kills, "history of %d: %s" % (target, numbers)
            kept = history.get(target, [])
            assert rows[:len(kept)] == kept, "rows of %d have changed" % target

    def check_pace(self):
        """At most as many as there was time for since the start: no burst."""
        passed = time.monotonic() - self.start
        beats, raises = len(self.told("ftpAuthHeartbeat")), self.told("ftpAuthLoginRefused")
        alarm = min(t.alarm for t in raises)
        repeats = sum(t.alarm == alarm for t in raises) - 1
        assert beats <= passed / HEARTBEAT + 1, "%d heartbeats in %d s" % (beats, passed)
        assert repeats <= passed / REPEAT + 1, "%d repeats in %d s" % (repeats, passed)
        return beats, repeats

    def check_no_silence(self):
        """Heartbeats and repeats go on, and what happens now is told."""
        beats, repeats = self.check_pace()
        rig.wait_until(lambda: self.check_pace() >= (beats + 1, 0), "a heartbeat")
        rig.wait_until(lambda: self.check_pace()[1] > repeats, "a repeat")
        for mood, event in (("pass-530", "ftpAuthLoginRefused"), ("good", "ftpAuthLoginRecovered")):
            self.servers[-1].behave(mood)
            self.wait_for_news(event)

    def wait_for_news(self, event):
        rig.wait_until(lambda: len(self.told()) > self.known, event)
        new = self.told()[self.known:]
        assert [t.event for t in new] == [event], new
        self.known += 1

    def step(self, days, kill=False):
        history = self.history()
        self.clock.set(days)
        if kill:
            self.daemon.kill()
            self.kills += 1
            self.daemon.start()
            self.wait_for_news("ftpAuthAgentStarted")
        rig.wait_until(lambda: self.is_under_this_time(history), "three probes of each target")
        rig.wait_until(lambda: self.master.impatient.answers(self.contract("ftpAuthSummaryTotal")),
                       "the MIB")
        self.check_present(history)
        self.check_no_silence()
        self.check_history_command()
        self.steps += 1

    def check_history_command(self):
        code, out, error = rig.run_ftphealth("history", "t0", "-c", str(self.daemon.config),
                                             "--json")
        assert code == 0, error
        rows = json.loads(out)
        rows = rows["history"] if isinstance(rows, dict) else rows
        numbers = [row["number"] for row in rows]
        assert len(numbers) > 3 and numbers in (sorted(numbers), sorted(numbers)[::-1]), numbers

    def run(self, steps):
        self.daemon.start()
        for event in ("ftpAuthLoginRefused", "ftpAuthAtRisk"):
            rig.wait_until(lambda e=event: self.told(e), "the first alarms")
        rig.wait_until(lambda: len(self.history()) == 5, "the first rows")
        rig.wait_until(lambda: self.column("ftpAuthEvidenceSettingResult", 2) == GOOD,
                       "the first evidence")
        self.known = len(self.told())
        for days, kill in steps:
            self.step(days, kill)
        self.servers[0].behave("good")
        self.wait_for_news("ftpAuthLoginRecovered")
        self.daemon.configure([t for t in self.targets if t["name"] != "t2"])
        self.daemon.reload()
        self.wait_for_news("ftpAuthAtRiskCleared")
        assert self.daemon.stop() == 0
        rig.wait_until(lambda: self.told("ftpAuthAgentStopping"), "the end")
        self.judge()

    def judge(self):
        self.ledger.note(Store(self.daemon, self.contract))
        show("told", dict(self.ledger.counts(), **{"steps of the clock": self.steps}))
        self.ledger.compare()
        left = self.ledger.pairs()
        assert not left, left
        self.ledger.in_order()

    def close(self):
        for server in self.servers:
            server.close()
        self.daemon.close()
        self.master.close()
        self.receiver.close()
        rig.remove_folder(self.folder)


# Days from the true time, and whether the daemon is killed and started under it.
SHORT = ((1, False), (-1, True))
LONG = ((1, False), (0, False), (-1, False), (0, False), (1, True), (-1, True), (1, False),
        (0, True))


def run(steps=LONG, keep=False):
    print("clocks: %d steps" % len(steps), flush=True)
    clocks = Clocks()
    clocks.daemon.show_log = not keep
    try:
        clocks.run(steps)
    except BaseException:
        if keep:
            ledger.keep(clocks.daemon)
        raise
    finally:
        clocks.close()


def main():
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    run(keep=True)
    print("clocks: ok")


if __name__ == "__main__":
    sys.exit(main())
