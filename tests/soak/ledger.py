# SPDX-License-Identifier: ISC
"""What was told, what the store says, and whether the two are one story."""
import os
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from values import Notification

OK, REFUSED, UNREACHABLE, UNKNOWN = 1, 4, 5, 6
RAISES = {"ftpAuthLoginRefused": "refused", "ftpAuthUnreachable": "unreachable",
          "ftpAuthAtRisk": "at risk", "ftpAuthMassFailure": "mass"}
CLEARS = {"ftpAuthLoginRecovered": "refused", "ftpAuthReachable": "unreachable",
          "ftpAuthAtRiskCleared": "at risk", "ftpAuthMassRecovered": "mass"}
KINDS = {1: "refused", 2: "unreachable", 3: "at risk"}  # FtpAuthKind; others: mass


class Told:
    """A notification; two are equal when they say the same."""

    def __init__(self, notification, contract):
        values = notification.named(contract)
        self.event = notification.name(contract)
        self.sequence = values["ftpAuthNotifySequence"]
        self.alarm = values["ftpAuthNotifyAlarm"]
        self.target = values["ftpAuthNotifyName"]
        self.count = values.get("ftpAuthNotifyCount")
        self.objects = tuple((oid, value.type, value.value) for oid, value in notification.objects)
        columns = {contract.split(oid) for oid, _ in notification.objects}
        self.indexes = {index for name, index in columns if contract.kinds[name] == "column"}

    def __eq__(self, other):
        return (self.event, self.objects) == (other.event, other.objects)

    def __repr__(self):
        return "#%d %s %s alarm %d" % (self.sequence, self.event, self.target or "-", self.alarm)


class Store:
    """One look at the store of a daemon that runs: all rows are of one moment."""

    def __init__(self, daemon, contract, events_from=0):
        arcs = {int(contract.oids[n].rsplit(".", 1)[1]): n
                for n in contract.of_kind("notification")}
        db = sqlite3.connect("file:%s?mode=ro" % (daemon.folder / "state.db"), uri=True, timeout=30)
        try:
            db.execute("BEGIN")
            self.targets = dict(db.execute("SELECT name, idx FROM target"))
            self.watched = {name for name, in db.execute("SELECT name FROM target WHERE watched=1")}
            names = {index: name for name, index in self.targets.items()}
            self.states = {names[t]: (state, number) for t, state, number in
                           db.execute("SELECT target, state, number FROM state") if t in names}
            self.events = {row[0]: (arcs[row[1]], *row[2:]) for row in db.execute(
                "SELECT seq, kind, name, alarm, target, to_state, sent, text FROM event"
                " WHERE seq >= ?", (events_from,))}
            self.sequence = db.execute("SELECT max(seq) FROM event").fetchone()[0] or 0
            self.open = {(name, KINDS.get(kind, "mass")): alarm for name, kind, alarm in
                         db.execute("SELECT name, kind, id FROM alarm")}
            self.waiting = db.execute("SELECT count(*) FROM notice").fetchone()[0]
        finally:
            db.close()


def look(daemon, contract, **keys):
    """The store, or None when it cannot be read yet."""
    try:
        return Store(daemon, contract, **keys)
    except sqlite3.OperationalError:
        return None


class Ledger:
    """Takes in what arrives, at a receiver that has one v2c sink, and what the store says."""

    def __init__(self, receiver, contract, repeats=False):
        """REPEATS: a raise may be told again while its alarm is open."""
        self.receiver, self.contract, self.repeats = receiver, contract, repeats
        self.offset = 0
        self.told = {}  # by sequence
        self.order = []  # sequences as they came first
        self.duplicates = self.arrived = 0
        self.rows = {}  # of the event table, by sequence: all that were ever seen
        self.indexes = {}  # name: index
        self.checks = []  # (sequence, {(target, kind): open?})

    def take(self):
        """Reads what has arrived since."""
        with open(self.receiver.log, "rb") as log:
            log.seek(self.offset)
            data = log.read()
        end = data.rfind(b"\n") + 1
        self.offset += end
        for line in data[:end].decode("utf-8", "replace").splitlines():
            m = self.receiver.LINE.match(line)
            if m:
                notification = Notification(*m.groups())
                if notification.name(self.contract):
                    self._add(Told(notification, self.contract))
        return self

    def _add(self, told):
        self.arrived += 1
        before = self.told.setdefault(told.sequence, told)
        assert before == told, "one sequence, two meanings:\n%s\n%s" % (
            before.objects, told.objects)
        if before is not told:
            self.duplicates += 1
            return
        self.order.append(told.sequence)
        for index in told.indexes - {"0"}:
            self._own(told.target, int(index))

    def _own(self, name, index):
        known = self.indexes.setdefault(name, index)
        assert known == index, "%s had index %d, has %d" % (name, known, index)

    def note(self, store):
        """Keeps the rows of STORE: none may ever say another thing, none may change its owner."""
        for sequence, row in store.events.items():
            before = self.rows.setdefault(sequence, row)
            assert before == row, "row %d was %s, is %s" % (sequence, before, row)
        for name, index in store.targets.items():
            self._own(name, index)
        owners = {}
        for name, index in self.indexes.items():
            assert owners.setdefault(index, name) == name, "%s and %s are both %d" % (
                name, owners[index], index)

    def expect(self, sequence, wanted):
        """What receivers must believe once they have all up to SEQUENCE: WANTED has True or False
        for those (target, kind) of which it is known."""
        self.checks.append((sequence, wanted))

    # ------------------------------------------------------------------ the verdict

    def compare(self, lossless=True):
        """All that was to be sent is told, and nothing else; sequences have no gap."""
        numbers = sorted(self.rows)
        assert numbers == list(range(1, len(numbers) + 1)), "sequences with gaps: %s" % [
            n for n in range(1, numbers[-1]) if n not in self.rows][:20]
        for sequence, told in self.told.items():
            row = self.rows.get(sequence)
            assert row, "%s is no event of the store" % told
            assert (told.event, told.target, told.alarm) == row[:3], "%s, but %s" % (told, row)
            assert row[5] == 1, "%s was told, but its row says that it was not" % told
        lost = [(n, row) for n, row in self.rows.items() if row[5] == 1 and n not in self.told]
        assert not (lost and lossless), "%d were never told: %s" % (len(lost), lost[:20])
        return len(lost)

    def in_order(self):
        """Those of one target came in the order in which they happened."""
        latest = {}
        for sequence in self.order:
            target = self.told[sequence].target
            assert latest.get(target, 0) < sequence, "#%d of %s came after #%d" % (
                sequence, target or "the agent", latest[target])
            latest[target] = sequence

    def pairs(self):
        """Raise and clear alternate with one number, which no other alarm has. Returns those that
        are open at the end."""
        believed, used = {}, set()
        checks = sorted(self.checks, key=lambda check: check[0])
        for sequence in [*sorted(self.told), sys.maxsize]:
            while checks and checks[0][0] < sequence:
                self._believe(believed, *checks.pop(0))
            if sequence < sys.maxsize:
                self._step(believed, used, self.told[sequence])
        return believed

    def _step(self, believed, used, told):
        kind = RAISES.get(told.event) or CLEARS.get(told.event)
        if not kind:
            assert told.alarm == 0, told
            return
        key = (told.target, kind)
        if told.event in RAISES:
            again = self.repeats and believed.get(key) == told.alarm
            assert again or key not in believed, "%s: alarm %d is open" % (told, believed[key])
            assert again or told.alarm not in used, "%s: that number was used before" % told
            believed[key] = told.alarm
            used.add(told.alarm)
        else:
            assert believed.pop(key, None) == told.alarm, "%s clears what was not raised" % told

    def _believe(self, believed, sequence, wanted):
        wrong = ["%s %s: %s" % (*key, "is not raised" if want else "is not cleared")
                 for key, want in wanted.items() if (key in believed) != want]
        assert not wrong, "after #%d: %s" % (sequence, "; ".join(wrong))

    def counts(self):
        events = [t.event for t in self.told.values()]
        return {"events": len(self.rows), "events told": len(self.told),
                "raises": sum(e in RAISES for e in events),
                "clears": sum(e in CLEARS for e in events),
                "notifications that arrived": self.arrived, "duplicates": self.duplicates,
                "packets that the receiver dropped": self.receiver.drops}


def show(title, counts):
    print("%s: %s" % (title, ", ".join("%s %s" % (n, what) for what, n in counts.items())),
          flush=True)


def keep(daemon):
    """After a failure: where all of it can be read."""
    path = "%s.kept" % daemon.folder
    os.rename(daemon.folder, path)
    print("store and log of ftphealthd are kept in %s" % path, flush=True)
