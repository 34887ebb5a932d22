# SPDX-License-Identifier: ISC
"""What outlasts a restart, a kill and a damaged file: indexes, numbers, open alarms, history."""
import contextlib
import signal
import sqlite3

import pytest

import rig
from rig import target

RUNNING, IMPAIRED = 2, 3


class Noc:
    """Notifications by trap, as (name, target, sequence, alarm). One that was on its way when the
    daemon was killed may come twice: the same sequence is the same notification."""

    def __init__(self, receiver, contract):
        self.receiver, self.contract = receiver, contract

    def events(self):
        out = []
        for n in self.receiver.received:
            if n.way == "trap" and n.name(self.contract):
                v = n.named(self.contract)
                event = (n.name(self.contract), v["ftpAuthNotifyName"], v["ftpAuthNotifySequence"],
                         v["ftpAuthNotifyAlarm"])
                if event not in out:
                    out.append(event)
        return out

    def of(self, name):
        return [e for e in self.events() if e[0] == name]

    def wait(self, name, times=1):
        rig.wait_until(lambda: len(self.of(name)) >= times, "%d of %s" % (times, name))


@pytest.fixture
def agent(daemon, receiver, contract):
    def make(targets):
        d = daemon(targets, listen=rig.free_port(), snmp=receiver.sinks() +
                   "engineID %s\nrocommunity public 127.0.0.1\n" % rig.ENGINE_TEXT)
        return d, Noc(receiver, contract)
    return make


def state_of(d, contract):
    return int(d.client.value(contract("ftpAuthAgentState")))


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_indexes_stay(agent, ftp, contract, end):
    server = ftp("good")
    d, _ = agent([target("b", server), target("a", server)])
    d.start()
    rig.end_process(d.process, end)
    d.manager.close()
    d.configure([target("new", server), target("a", server), target("b", server)])
    d.start()
    index = contract("ftpAuthNameIndex")
    got = {name: int(d.client.value(index + rig_index(name))) for name in ("a", "b", "new")}
    assert got == {"b": 1, "a": 2, "new": 3}


def rig_index(name):
    return "." + ".".join(str(n) for n in [len(name), *name.encode()])


def test_an_index_is_not_given_to_another_name(agent, ftp, contract):
    server = ftp("good")
    d, _ = agent([target("one", server), target("two", server)])
    d.start()
    d.configure([target("one", server)])
    d.reload()
    assert d.stop() == 0
    d.configure([target("one", server), target("other", server)])
    d.start()
    index = contract("ftpAuthNameIndex")
    assert int(d.client.value(index + rig_index("other"))) == 3
    d.configure([target("one", server), target("other", server), target("two", server)])
    d.reload()
    assert int(d.client.value(index + rig_index("two"))) == 2


@pytest.mark.parametrize("index,why", [
    (2, "target new cannot have index 2"), (2147483647, "no index is left for target next")])
def test_an_index_that_cannot_be_given(agent, ftp, index, why):
    """It is the configuration that has to be mended: no new start without that."""
    server = ftp("good")
    d, _ = agent([target("one", server), target("two", server)])
    d.start()
    assert d.stop() == 0
    d.configure([target("one", server), target("new", server, index=index), target("next", server)])
    d.start(ready=False)
    assert d.process.wait(timeout=rig.PATIENCE) == 78
    d.manager.close()
    assert "Cannot apply the configuration: " + why in d.log
    assert "File exists" not in d.log
    d.configure([target("one", server)])
    assert d.start().stop() == 0


def test_two_on_one_store(agent, ftp):
    """The second one does not start, and says so; it does when the first one was killed."""
    first, _ = agent([target("a", ftp("good"))])
    first.start()
    second = rig.Daemon([target("a", ftp("good"))], listen=rig.free_port())
    second.config.write_text(first.config.read_text())
    try:
        second.start(ready=False)
        assert second.process.wait(timeout=rig.PATIENCE) == 69
        second.manager.close()
        assert "Another ftphealthd has the store %s" % (first.folder / "state.db") in second.log
        first.kill()
        second.start()
        assert second.stop() == 0
    finally:
        second.close()
    assert first.start().stop() == 0


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_an_open_alarm_is_not_raised_again(agent, ftp, end):
    """Raised before the restart, cleared after it, with the same alarm id; numbers go on."""
    server = ftp("q269241")
    d, noc = agent([target("iis4", server)])
    d.start()
    noc.wait("ftpAuthLoginRefused")
    rig.end_process(d.process, end)
    d.manager.close()
    seen = len(server.sessions)
    d.start()
    rig.wait_until(lambda: len(server.sessions) > seen + 1, "logins after the restart")
    server.behave("iis4")
    noc.wait("ftpAuthLoginRecovered")
    assert d.stop() == 0
    noc.wait("ftpAuthAgentStopping", 2 if end == signal.SIGTERM else 1)
    raised, cleared = noc.of("ftpAuthLoginRefused"), noc.of("ftpAuthLoginRecovered")
    assert len(raised) == 1 and len(cleared) == 1
    assert raised[0][3] == cleared[0][3] != 0
    numbers = [e[2] for e in noc.events()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_target_that_went_meanwhile_is_cleared(agent, ftp):
    server = ftp("q269241")
    d, noc = agent([target("iis4", server)])
    d.start()
    noc.wait("ftpAuthLoginRefused")
    assert d.stop() == 0
    d.configure([])
    d.start()
    noc.wait("ftpAuthLoginRecovered")
    assert noc.of("ftpAuthLoginRecovered")[0][1] == "iis4"
    assert noc.of("ftpAuthLoginRecovered")[0][3] == noc.of("ftpAuthLoginRefused")[0][3]
    assert d.stop() == 0
    d.start()
    assert len(noc.of("ftpAuthLoginRecovered")) == 1


def test_a_damaged_store_is_put_aside(agent, ftp, contract):
    server = ftp("good")
    d, _ = agent([target("a", server)])
    (d.folder / "state.db").write_bytes(b"this is no database" * 100)
    d.start()
    assert "is damaged; it is kept as" in d.log
    assert list(d.folder.glob("state.db.unusable-*"))
    rig.wait_until(lambda: d.manager.status().endswith("1 ok"), "a login")
    assert state_of(d, contract) == RUNNING


def test_without_a_store_it_watches_all_the_same(agent, ftp, contract):
    """Impaired, visibly; but it probes and notifies."""
    server = ftp("q269241")
    d, noc = agent([target("a", server)])
    (d.folder / "state.db").mkdir()
    d.start()
    noc.wait("ftpAuthLoginRefused")
    assert state_of(d, contract) == IMPAIRED
    assert "Cannot use the store" in d.log


# ---- the file behind its back

VERSION_2 = """
CREATE TABLE target (name TEXT PRIMARY KEY, idx INTEGER NOT NULL UNIQUE,
 host TEXT NOT NULL, port INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE alarm (target INTEGER NOT NULL, kind INTEGER NOT NULL,
 id INTEGER NOT NULL, PRIMARY KEY (target, kind)) WITHOUT ROWID;
CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE setting (target INTEGER PRIMARY KEY, sync INTEGER NOT NULL, since INTEGER NOT NULL);
INSERT INTO target VALUES ('iis4', 7, '127.0.0.1', 21);
INSERT INTO alarm VALUES (7, 0, 41);
INSERT INTO number VALUES ('sequence', 99), ('alarm', 41);
PRAGMA user_version = 2;
"""


def execute(d, script):
    with contextlib.closing(sqlite3.connect(str(d.folder / "state.db"))) as db:
        db.executescript(script)


def rows(d, query):
    with contextlib.closing(sqlite3.connect(str(d.folder / "state.db"), timeout=30)) as db:
        return db.execute(query).fetchall()


def test_a_store_of_an_earlier_version(agent, ftp):
    """Its index, its numbers and its open alarm are taken over."""
    d, noc = agent([target("iis4", ftp("good"))])
    execute(d, VERSION_2)
    d.start()
    noc.wait("ftpAuthLoginRecovered")
    name, who, sequence, alarm = noc.of("ftpAuthLoginRecovered")[0]
    assert who == "iis4" and sequence > 99 and alarm == 41
    assert d.stop() == 0
    assert rows(d, "SELECT name, idx FROM target") == [("iis4", 7)]
    assert rows(d, "SELECT * FROM alarm") == []
    assert rows(d, "PRAGMA user_version") == [(3,)]


def test_a_store_of_a_later_version(agent, ftp, contract):
    """It is put aside, but no index changes its owner and no alarm stays open."""
    server = ftp("q269241")
    d, noc = agent([target("one", ftp("good")), target("two", server)])
    d.start()
    noc.wait("ftpAuthLoginRefused")
    assert d.stop() == 0
    execute(d, "PRAGMA user_version = 1000; DROP TABLE notice;")
    server.behave("iis4")
    d.configure([target("two", server)])
    d.start()
    noc.wait("ftpAuthLoginRecovered")
    assert noc.of("ftpAuthLoginRecovered")[0][3] == noc.of("ftpAuthLoginRefused")[0][3]
    assert "is of a later version; it is kept as" in d.log
    assert len(list(d.folder.glob("state.db.unusable-*[0-9]"))) == 1
    assert int(d.client.value(contract("ftpAuthNameIndex") + rig_index("two"))) == 2


def test_it_recovers_by_itself(agent, ftp, contract):
    """What was only in memory is written when the store can be used again."""
    server = ftp("q269241")
    d, noc = agent([target("a", server)])
    (d.folder / "state.db").mkdir()
    d.start()
    noc.wait("ftpAuthLoginRefused")
    assert state_of(d, contract) == IMPAIRED
    (d.folder / "state.db").rmdir()
    rig.wait_until(lambda: state_of(d, contract) == RUNNING, "an agent that is well")
    assert "can be written again" in d.log
    alarm = noc.of("ftpAuthLoginRefused")[0][3]
    assert rows(d, "SELECT id, target, name FROM alarm") == [(alarm, 1, "a")]
    rig.end_process(d.process, signal.SIGKILL)
    d.manager.close()
    server.behave("iis4")
    d.start()
    noc.wait("ftpAuthLoginRecovered")
    assert noc.of("ftpAuthLoginRecovered")[0][3] == alarm


def test_it_is_removed_while_in_use(agent, ftp):
    server = ftp("q269241")
    d, noc = agent([target("a", server)])
    d.start()
    noc.wait("ftpAuthLoginRefused")
    for file in d.folder.glob("state.db*"):
        file.unlink()
    rig.wait_until((d.folder / "state.db").exists, "a new store")
    rig.wait_until(lambda: rows(d, "SELECT count(*) FROM sqlite_master") != [(0,)] and
                   rows(d, "SELECT name FROM alarm") == [("a",)], "the alarm in the new store")
    assert "was moved or removed" in d.log
    server.behave("iis4")
    noc.wait("ftpAuthLoginRecovered")
    assert d.stop() == 0


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_history_goes_on(agent, ftp, end):
    """Rows of both lives, numbered without a gap or a double."""
    server = ftp("good")
    d, _ = agent([target("a", server)])
    d.start()
    rig.wait_until(lambda: len(rows(d, "SELECT * FROM history")) >= 2, "two probes in the history")
    rig.end_process(d.process, end)
    d.manager.close()
    before = rows(d, "SELECT number, time FROM history ORDER BY number")
    d.start()
    rig.wait_until(lambda: len(rows(d, "SELECT * FROM history")) > len(before) + 1, "more of them")
    assert d.stop() == 0
    after = rows(d, "SELECT number, time FROM history ORDER BY number")
    assert after[:len(before)] == before
    assert [n for n, _ in after] == list(range(1, len(after) + 1))
    assert rows(d, "SELECT state, number FROM state") == [(1, len(after))]
