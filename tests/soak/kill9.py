#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""kill -9 at random moments, under a master that is stopped, killed, restarted and slow.

What is guaranteed, and checked here:
  - The agent tells the master (snmpd) at least once of everything that it decides to tell, whatever
    is killed when. snmpd hands a v2c trap to its sockets before it acknowledges the AgentX Notify,
    so on loopback what it has acknowledged is in the receiver's socket even if snmpd is killed in
    the next moment: all must arrive, but for packets that the kernel dropped at the receiver, which
    it counts (there must be none). (An informsink is weaker: snmpd may die with what it has
    acknowledged, and gives up by itself.)
  - Copies have the same sequence and content; no sequence has two meanings; sequences have no gap;
    of one target the first copies come in order.
  - Raises and clears of each target and kind alternate, with the same number of alarm, which no
    other alarm ever has; at the end all are cleared and the table of alarms is empty.
  - Every state that lasted is told: now and then all is left alone until the store says that each
    target was probed since, and found as its server is. What receivers know from all sequences up
    to that moment must be just that.
  - All that was told is in the table of events, as it was told, and no row ever changes.
  - No index changes its owner, also when targets come and go.
"""
import argparse
import collections
import os
import random
import sys
import threading
import time

import ledger
import rig
from ledger import OK, REFUSED, UNREACHABLE, Ledger, look, show
from ftpserver import FtpServer

MOODS = {"good": ("good", OK), "refused": ("pass-530", REFUSED),
         "busy": ("banner-421", REFUSED), "silent": ("silent-connect", UNREACHABLE),
         "down": (None, UNREACHABLE)}
LIMIT = 120  # seconds, for what takes a few


class Master:
    """snmpd, as it should not be."""

    def __init__(self, receiver, counts):
        self.snmpd = rig.Snmpd(sinks="trap2sink %s public\n" % receiver.where)
        self.counts = counts
        self.over = self.thread = None
        self.snmpd.start()

    def alive(self):
        return self.snmpd.process and self.snmpd.process.poll() is None

    def calm(self):
        """Ends what was done to it, but death."""
        if self.thread:
            self.over.set()
            self.thread.join()
            self.thread = None
        if self.alive():
            self.snmpd.thaw()

    def revive(self, ready=False):
        self.calm()
        if not self.alive():
            self.snmpd.start(ready)

    def _slow(self, over, rng):
        while not over.wait(rng.uniform(0.001, 0.05)) and self.alive():
            self.snmpd.freeze()
            over.wait(rng.uniform(0.01, 0.4))
            self.snmpd.thaw()

    def _hung_and_killed(self, over, rng):
        """What waits in its socket is lost with it."""
        self.snmpd.freeze()
        over.wait(rng.uniform(0.1, 2.5))
        self.snmpd.stop(rig.signal.SIGKILL)
        self.snmpd.start(ready=False)

    def suffer(self, rng, surely):
        """What happens to it in one round."""
        what = rng.choices(["nothing", "stopped", "killed", "ended", "slow", "hung and killed"],
                           [0 if surely else 6, 2, 2, 1, 2, 4])[0]
        if what == "nothing":
            return
        self.revive()
        self.counts["master %s" % what] += 1
        if what == "stopped":
            self.snmpd.freeze()
        elif what in ("killed", "ended"):
            self.snmpd.stop(rig.signal.SIGKILL if what == "killed" else rig.signal.SIGTERM)
            if rng.random() < 0.6:
                self.snmpd.start(ready=False)
        else:
            how = self._slow if what == "slow" else self._hung_and_killed
            self.over = threading.Event()
            self.thread = threading.Thread(target=how, daemon=True, args=(
                self.over, random.Random(rng.random())))
            self.thread.start()

    def close(self):
        self.calm()
        self.snmpd.close()


class World:
    """The servers, and which of them are watched as what."""

    def __init__(self, n, rng, counts):
        self.rng, self.counts = rng, counts
        self.servers = [FtpServer() for _ in range(n)]
        self.moods = ["good"] * n
        self.names = ["t%03d" % i for i in range(n)]  # of the targets on each server
        self.absent = set()  # numbers of those that are not watched
        self.born = n

    def set(self, i, mood):
        server, script = self.servers[i], MOODS[mood][0]
        if script is None:
            server.down()
        else:
            server.behave(script)
            if not server.server:
                server.up()
        self.counts["servers switched"] += mood != self.moods[i]
        self.moods[i] = mood

    def shake(self):
        """The first three stay good: with no server that speaks it would be our own outage."""
        for i in range(3, len(self.servers)):
            if self.rng.random() < 0.4:
                self.set(i, self.rng.choices(list(MOODS), [5, 3, 1, 1, 3])[0])

    def change_targets(self):
        for i in range(3, len(self.servers)):
            luck = self.rng.random()
            if luck < 0.1:
                self.absent ^= {i}
            elif luck < 0.12:
                self.names[i] = "t%03d" % self.born
                self.born += 1
        self.counts["changes of the configuration"] += 1

    def targets(self):
        order = [i for i in range(len(self.servers)) if i not in self.absent]
        self.rng.shuffle(order)
        return [rig.target(self.names[i], self.servers[i]) for i in order]

    def wanted(self):
        """{name: state} of those that are watched."""
        return {self.names[i]: MOODS[mood][1] for i, mood in enumerate(self.moods)
                if i not in self.absent}

    def heal(self):
        for i in range(len(self.servers)):
            self.set(i, "good")

    def close(self):
        for server in self.servers:
            server.close()


def beliefs(wanted, everybody):
    """What receivers must hold of each target in a state that has lasted. A server that is
    unreachable may have refused before, or not: that alarm would still be open."""
    out = {}
    for name in everybody:
        state = wanted.get(name, OK)
        out[name, "unreachable"] = state == UNREACHABLE
        if state != UNREACHABLE:
            out[name, "refused"] = state == REFUSED
    return out


class Soak:
    def __init__(self, rounds, seed, targets, every):
        """EVERY so many rounds all is left alone until it has settled."""
        self.rng, self.every = random.Random(seed), every
        self.rounds = rounds
        self.counts = collections.Counter()
        self.contract = rig.Contract()
        self.receiver = rig.TrapReceiver()
        self.master = Master(self.receiver, self.counts)
        self.world = World(targets, self.rng, self.counts)
        self.ledger = Ledger(self.receiver, self.contract)
        self.everybody = set(self.world.names)
        self.daemon = rig.Daemon(
            self.world.targets(), agentx=self.master.snmpd.agentx,
            defaults={"interval": "1s", "timeout": "500ms"},
            top={"events": 5000, "flap": {"changes": 0}, "history": {"rows": 50},
                 "notifications": {"storm": 0, "waiting": 100000}})

    # -------------------------------------------------------------- moments to kill at

    def wait_for(self, changed, limit=1.5):
        end = time.monotonic() + limit
        while not changed() and time.monotonic() < end:
            time.sleep(0.0005)

    def after_a_while(self):
        time.sleep(min(self.rng.expovariate(1.2), 4))

    def at_once(self):
        """It is about to open the store, to apply the configuration, to tell what was left over."""
        time.sleep(self.rng.uniform(0, 0.03))

    def on_arrival(self):
        """A notification has come: it may or may not be acknowledged, and that be kept."""
        size = self.receiver.log.stat().st_size
        self.wait_for(lambda: self.receiver.log.stat().st_size > size)
        time.sleep(self.rng.choice([0, self.rng.uniform(0, 0.02)]))

    def on_write(self):
        """The store is being written."""
        wal = str(self.daemon.folder / "state.db-wal")

        def stamp():
            try:
                return os.stat(wal).st_mtime_ns
            except OSError:
                return 0
        self.after_a_while()
        before = stamp()
        self.wait_for(lambda: stamp() != before)
        time.sleep(self.rng.choice([0, self.rng.uniform(0, 0.005)]))

    # -------------------------------------------------------------- what lasts

    def settled(self, since):
        """A look at the store when all targets are seen as they are, by probes that began after
        SINCE was looked; else None."""
        store = look(self.daemon, self.contract, events_from=self.ledger_from())
        if not store or store.watched != set(self.world.wanted()):
            return None
        for name, state in self.world.wanted().items():
            seen, number = store.states.get(name, (None, 0))
            before = since.states.get(name, (None, 0))[1]
            # Of the rows since then one may have been under way, one not yet written.
            if seen != state or number < before + 3:
                return None
        return store

    def ledger_from(self):
        return max(self.ledger.rows, default=0) - 200

    def why_not(self, since):
        store = look(self.daemon, self.contract)
        return "all targets to be seen as they are; not: %s" % [
            (n, s, store.states.get(n), since.states.get(n)) for n, s in self.world.wanted().items()
            if store.states.get(n, (0, 0))[0] != s] if store else "the store to be readable"

    def settle_in(self):
        """There is a session with the master, to be lost with what is under way in it."""
        size = self.receiver.log.stat().st_size
        self.master.revive()
        self.wait_for(lambda: self.receiver.log.stat().st_size > size, 5)

    def leave_alone(self):
        """Nothing happens until all is known: what lasts is told."""
        rig.wait_until(lambda: self.daemon.manager.count("READY=1"), "READY=1", LIMIT)
        since = rig.wait_until(lambda: look(self.daemon, self.contract), "the store", LIMIT)
        store = []
        end = time.monotonic() + LIMIT
        while not store:
            store = [s for s in [self.settled(since)] if s]
            assert store or time.monotonic() < end, self.why_not(since)
            time.sleep(0.1)
        store = store[0]
        wanted = beliefs(self.world.wanted(), self.everybody)
        self.ledger.note(store)
        self.ledger.expect(store.sequence, wanted)
        wrong = {key for key, want in wanted.items() if (key in store.open) != want}
        assert not wrong, "the table of alarms is wrong on %s: %s" % (wrong, store.open)
        self.counts["looks at what lasted"] += 1
        return store

    # -------------------------------------------------------------- one round

    def round(self, lasting):
        if self.rng.random() < 0.1:
            self.world.change_targets()
            self.everybody |= set(self.world.names)
            self.daemon.configure(self.world.targets())
        self.daemon.start(ready=False)
        self.counts["starts"] += 1
        hows = [self.after_a_while, self.at_once, self.on_arrival, self.on_write]
        how = self.leave_alone if lasting else self.rng.choices(hows, [4, 1, 3, 3])[0]
        if lasting or self.rng.random() < 0.2:
            self.settle_in()
        if how != self.at_once:
            self.master.suffer(self.rng, surely=lasting)
            self.world.shake()
        how()
        self.counts["kills before READY"] += self.daemon.manager.count("READY=1") == 0
        self.daemon.kill()
        self.counts["kills"] += 1

    def run(self):
        for n in range(self.rounds):
            self.round(lasting=n % self.every == self.every // 2)
            self.ledger.take()
            if n % 100 == 99:
                show("round %d" % (n + 1), self.counts)
        self.finish()

    # -------------------------------------------------------------- the end

    def value(self, name):
        return self.master.snmpd.client.value(self.contract(name))

    def finish(self):
        self.world.heal()
        self.master.revive(ready=True)
        rig.wait_until(self.master.snmpd.impatient.answers, "snmpd to answer", LIMIT)
        self.daemon.start()
        store = self.leave_alone()
        assert not store.open, store.open
        rig.wait_until(lambda: self.master.snmpd.impatient.answers(
            self.contract("ftpAuthSummaryTotal")), "the MIB at snmpd", LIMIT)
        rig.wait_until(lambda: self.value("ftpAuthAgentNotifyPending") == 0, "all to be told",
                       LIMIT)
        rig.wait_until(lambda: look(self.daemon, self.contract).waiting == 0,
                       "all to be acknowledged", LIMIT)
        assert self.value("ftpAuthAlarmsActive") == 0
        assert self.value("ftpAuthAgentNotifyDropped") == 0
        self.compare_table()
        assert self.daemon.stop() == 0
        self.ledger.note(ledger.Store(self.daemon, self.contract, self.ledger_from()))
        last = max(self.ledger.rows)
        assert self.ledger.rows[last][0] == "ftpAuthAgentStopping"
        try:
            rig.wait_until(lambda: last in self.ledger.take().told, "the last notification")
        except AssertionError:
            pass  # the comparison says what else is missing
        self.judge()

    def compare_table(self):
        """ftpAuthEventTable is what the store has, when nothing happens between the two looks."""
        client, kept, shown = self.master.snmpd.client, None, {}

        def events():
            return {n: (row[0], row[2])
                    for n, row in ledger.Store(self.daemon, self.contract).events.items()}

        while kept != events():
            kept = events()
            oids = client.column(self.contract("ftpAuthEventNotification"))
            alarms = client.column(self.contract("ftpAuthEventAlarm"))
            shown = {int(i): (self.contract.names[oid], alarms.get(i)) for i, oid in oids.items()}
        assert shown == kept, "they differ: %s" % sorted(shown.items() ^ kept.items())[:9]

    def judge(self):
        show("counts", self.counts)
        show("told", self.ledger.counts())
        assert self.receiver.drops == 0, "the receiver was too slow: nothing is proven"
        self.ledger.compare()
        left = self.ledger.pairs()
        assert not left, "alarms left open: %s" % left
        self.ledger.in_order()

    def close(self):
        self.world.close()
        self.daemon.close()
        self.master.close()
        self.receiver.close()


def run(rounds, seed=None, targets=30, every=12, keep=False):
    seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
    print("kill9: %d rounds, seed %d, %d targets" % (rounds, seed, targets), flush=True)
    soak = Soak(rounds, seed, targets, every)
    soak.daemon.show_log = not keep
    try:
        soak.run()
    except BaseException:
        show("counts", soak.counts)
        if keep:
            ledger.keep(soak.daemon)
        raise
    finally:
        soak.close()
    return soak


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--rounds", type=int, default=1000)
    p.add_argument("--seed", type=int)
    p.add_argument("--targets", type=int, default=30)
    p.add_argument("--every", type=int, default=12, help="rounds from one that lasts to the next")
    a = p.parse_args()
    run(a.rounds, a.seed, a.targets, a.every, keep=True)
    print("kill9: ok")


if __name__ == "__main__":
    sys.exit(main())
