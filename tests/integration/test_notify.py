# SPDX-License-Identifier: ISC
"""Raise and clear, as they arrive at a NOC: v2c trap, v2c inform and SNMPv3 trap."""
import pytest

import ftpserver
import rig
from rig import target

FIRST_EIGHT = ["ftpAuthNotifyName", "ftpAuthNotifyHost", "ftpAuthNotifySeverity",
               "ftpAuthNotifyFrom", "ftpAuthNotifyTo", "ftpAuthNotifyText",
               "ftpAuthNotifySequence", "ftpAuthNotifyAlarm"]
CLEARED, INDETERMINATE, WARNING, MAJOR, CRITICAL = 1, 2, 3, 5, 6
OK, REFUSED, UNREACHABLE, UNKNOWN, DISABLED = 1, 4, 5, 6, 7
WAYS = ("trap", "inform", "v3")


class Noc:
    """What came in by each way. An inform may be repeated by its sender: the copies are one."""

    def __init__(self, receiver, contract, client=None):
        self.receiver, self.contract, self.client = receiver, contract, client

    def events(self, way="trap"):
        got, seen = [], set()
        for n in self.receiver.received:
            if n.way != way or n.name(self.contract) is None:
                continue
            n.values = n.named(self.contract)
            n.sequence = n.values["ftpAuthNotifySequence"]
            if way != "inform" or n.sequence not in seen:
                got.append(n)
            seen.add(n.sequence)
        return got

    def names(self, way="trap"):
        return [n.name(self.contract) for n in self.events(way)]

    def wait(self, name, times=1):
        rig.wait_until(lambda: all(self.names(way).count(name) >= times for way in WAYS),
                       "%s by each way" % name)


@pytest.fixture(params=["snmpd", "alone"])
def watch(request, receiver, snmpd, daemon, contract):
    """A function that starts the daemon with some targets, and returns it and the NOC."""
    def start(targets, **keys):
        if request.param == "snmpd":
            master = snmpd(sinks=receiver.sinks()).start()
            d = daemon(targets, agentx=master.agentx, **keys)
        else:
            d = daemon(targets, listen=rig.free_port(), **keys, snmp=receiver.sinks() +
                       "engineID %s\nrocommunity public 127.0.0.1\n" % rig.ENGINE_TEXT)
        d.start()
        return d, Noc(receiver, contract, getattr(d, "client", None) or master.client)
    return start


NEVER = bytes((0, 0, 1, 1, 0, 0, 0, 0))  # a DateAndTime


def alarm_times(noc, contract):
    """ftpAuthAlarmsLastChange, and the dates ftpAuthAlarmsLastRaise and LastClear."""
    change, *dates = noc.client.get(*(contract("ftpAuthAlarmsLast" + n) for n in (
        "Change", "Raise", "Clear")))
    return change.value, *(d.value for d in dates)


def test_a_whole_life(watch, ftp, contract):
    """Good, refused, good, gone, back, end: six notifications, each once by each way."""
    server = ftp("iis4")
    d, noc = watch([target("plant-7", server, index=7, interval="2s", timeout="2s")])
    rig.wait_until(lambda: d.manager.status().endswith("1 ok"), "the first login")
    server.behave("q269241")
    noc.wait("ftpAuthLoginRefused")
    changed, raised, cleared = alarm_times(noc, contract)
    assert changed > 0 and raised > NEVER == cleared
    server.behave("iis4")
    noc.wait("ftpAuthLoginRecovered")
    later, raised_still, cleared = alarm_times(noc, contract)
    assert later > changed and raised_still == raised and cleared >= raised
    server.down()
    noc.wait("ftpAuthUnreachable")
    server.up()
    noc.wait("ftpAuthReachable")
    assert d.stop() == 0
    noc.wait("ftpAuthAgentStopping")
    story = [
        ("ftpAuthAgentStarted", INDETERMINATE, UNKNOWN, UNKNOWN, ""),
        ("ftpAuthLoginRefused", CRITICAL, OK, REFUSED, "plant-7"),
        ("ftpAuthLoginRecovered", CLEARED, REFUSED, OK, "plant-7"),
        ("ftpAuthUnreachable", MAJOR, OK, UNREACHABLE, "plant-7"),
        ("ftpAuthReachable", CLEARED, UNREACHABLE, OK, "plant-7"),
        ("ftpAuthAgentStopping", WARNING, UNKNOWN, UNKNOWN, ""),
    ]
    for way in WAYS:
        events = noc.events(way)
        assert [(n.name(contract), *(n.values[o] for o in (
            "ftpAuthNotifySeverity", "ftpAuthNotifyFrom", "ftpAuthNotifyTo", "ftpAuthNotifyName")))
                for n in events] == story, way
        numbers = [n.sequence for n in events]
        assert numbers == list(range(numbers[0], numbers[0] + len(story))), "no gap, in order"
        _, refused, recovered, gone, back, _ = (n.values["ftpAuthNotifyAlarm"] for n in events)
        assert refused == recovered != gone == back and 0 not in (refused, gone)
        assert all(n.values["ftpAuthNotifyAlarm"] == 0 for n in (events[0], events[-1]))
        uptimes = [n.uptime for n in events]
        assert uptimes == sorted(uptimes)
        for n in events:
            check_objects(n, contract)
        check_refused(events[1].values, server)
        assert "refused" in events[3].values["ftpAuthNotifyText"]
        assert events[4].values["ftpAuthStatusReplyCode"] == 230
    v3 = [n.security for n in noc.events("v3")]
    assert all("notifier" in text for text in v3), "sent as the SNMPv3 user"


def check_objects(n, contract):
    """The objects of the contract, in its order, with the right instances."""
    pairs = [contract.split(oid) for oid, _ in n.objects]
    names = [name for name, _ in pairs]
    assert names == contract.objects_of(n.name(contract))
    assert names[:8] == FIRST_EIGHT
    for name, index in pairs:
        assert index == ("7" if contract.kinds[name] == "column" else "0"), name
    for name, value in n.values.items():
        if contract.syntax[name] == "SnmpAdminString":
            assert isinstance(value, str), "%s is not printable ASCII" % name


def check_refused(values, server):
    assert values["ftpAuthNotifyHost"] == "127.0.0.1:%d" % server.port
    password = next(s.password for s in server.sessions if s.password)
    reply = "User %s cannot log in." % password
    assert values["ftpAuthStatusReplyText"] == reply
    assert "530 " + reply in values["ftpAuthNotifyText"]
    assert values["ftpAuthStatusReplyCode"] == 530
    assert values["ftpAuthStatusFailStreak"] == 1
    assert values["ftpAuthStatusReference"] == "Q269241, Q200475"
    assert values["ftpAuthStatusRemedy"]


def test_refused_while_unreachable(watch, ftp, contract):
    """The two alarms are independent: a server that is gone has not recovered."""
    server = ftp("pass-530")
    d, noc = watch([target("t", server)])
    noc.wait("ftpAuthLoginRefused")
    server.down()
    noc.wait("ftpAuthUnreachable")
    server.up()
    noc.wait("ftpAuthReachable")
    server.behave("good")
    noc.wait("ftpAuthLoginRecovered")
    assert d.stop() == 0
    noc.wait("ftpAuthAgentStopping")
    for way in WAYS:
        assert noc.names(way) == [
            "ftpAuthAgentStarted", "ftpAuthLoginRefused", "ftpAuthUnreachable", "ftpAuthReachable",
            "ftpAuthLoginRecovered", "ftpAuthAgentStopping"], way
        alarms = [n.values["ftpAuthNotifyAlarm"] for n in noc.events(way)]
        assert alarms[1] == alarms[4] and alarms[2] == alarms[3] and alarms[1] != alarms[2]
        assert noc.events(way)[3].values["ftpAuthNotifyTo"] == REFUSED


def test_repeated_behind_another(watch, ftp, contract):
    """An alarm that is open behind another one is not told, nor shown, as if it were that one."""
    server = ftp("pass-530")
    d, noc = watch([target("t", server)], top={"notifications": {"repeat": "1s", "min-interval": 0}})
    noc.wait("ftpAuthLoginRefused")
    alarm = next(n.values["ftpAuthNotifyAlarm"] for n in noc.events("trap")
                 if n.name(contract) == "ftpAuthLoginRefused")
    columns = ["ftpAuthAlarm" + name for name in ("ReplyCode", "Diagnosis", "Text", "Remedy")]

    def row():
        return [v.value for v in noc.client.get(*(contract(c, alarm) for c in columns))]
    before = row()
    assert before[0] == 530 and "530" in str(before[2])
    server.down()
    noc.wait("ftpAuthUnreachable")
    past = "login was refused while the server was reachable"
    rig.wait_until(lambda: any(past in n.values["ftpAuthNotifyText"] for n in noc.events("trap")
                               if n.values["ftpAuthNotifyAlarm"] == alarm), "a repetition")
    assert row() == before


def test_many_at_once(watch, ftp, contract):
    """A hundred refusals in one interval: each notified once, none lost, in sequence."""
    server = ftp("pass-530")
    d, noc = watch([target("t%03d" % i, server, index=i) for i in range(1, 101)])
    noc.wait("ftpAuthLoginRefused", 100)
    assert d.stop() == 0
    noc.wait("ftpAuthAgentStopping")
    for way in WAYS:
        events = noc.events(way)
        assert [n.sequence for n in events] == list(range(events[0].sequence,
                                                          events[0].sequence + 102)), way
        assert len({n.values["ftpAuthNotifyName"] for n in events[1:-1]}) == 100
        assert len({n.values["ftpAuthNotifyAlarm"] for n in events[1:-1]}) == 100


def test_damping(watch, ftp, contract):
    """raise and clear count probes in a row: what comes in between says nothing."""
    server = ftp("pass-530")
    d, noc = watch([target("slow-to-judge", server, **{"raise": 3, "clear": 2})])
    noc.wait("ftpAuthLoginRefused")
    for way in WAYS:
        refused = noc.events(way)[-1]
        assert refused.values["ftpAuthStatusFailStreak"] == 3
        assert refused.values["ftpAuthNotifyFrom"] == UNKNOWN
    server.behave("good")
    noc.wait("ftpAuthLoginRecovered")
    assert sum(1 for s in server.sessions if s.password is not None) >= 5
    assert d.stop() == 0


def test_flapping(watch, ftp, contract):
    """One that changes over and over is silent until it is quiet; then what it is, is told."""
    server, steady = ftp("good"), ftp("good")
    d, noc = watch([target("restless", server, index=1), target("other", steady)],
                   top={"flap": {"changes": 3, "window": "10m", "quiet": "3s"}})
    noc.wait("ftpAuthAgentStarted")

    def status(name):
        return noc.client.value(contract("ftpAuthStatus" + name, 1))
    for state in (OK, REFUSED, OK, REFUSED, OK, REFUSED):
        server.behave("good" if state == OK else "pass-530")
        rig.wait_until(lambda wanted=state: status("State") == wanted, "the next state")
    assert (status("Flapping"), status("Held")) == (1, 1)
    noc.wait("ftpAuthLoginRefused")  # before it flapped, and perhaps again when that is over
    assert noc.names().count("ftpAuthLoginRefused") <= 2
    rig.wait_until(lambda: status("Flapping") == 2, "the end of it")
    assert status("State") == REFUSED
    server.behave("good")
    rig.wait_until(lambda: noc.events()[-1].name(contract) == "ftpAuthLoginRecovered", "the clear")
    for way in WAYS:
        told = [name for name in noc.names(way) if name.startswith("ftpAuthLogin")]
        assert told.count("ftpAuthLoginRefused") == told.count("ftpAuthLoginRecovered") <= 3
    alarms = {n.values["ftpAuthNotifyAlarm"] for n in noc.events() if n.name(contract) == "ftpAuthLoginRefused"}
    closed = {n.values["ftpAuthNotifyAlarm"] for n in noc.events() if n.name(contract) == "ftpAuthLoginRecovered"}
    assert alarms == closed


@pytest.mark.parametrize("how", ["removed", "disabled"])
def test_no_orphan_alarm(watch, ftp, contract, how):
    """A target that is no longer watched leaves no alarm open."""
    server, other = ftp("pass-530"), ftp("good")
    d, noc = watch([target("t", server), target("other", other)])
    noc.wait("ftpAuthLoginRefused")
    targets = [target("other", other)]
    if how == "disabled":
        targets.append(target("t", server, enabled=False))
    d.configure(targets)
    d.reload()
    noc.wait("ftpAuthLoginRecovered")
    for way in WAYS:
        raised, cleared = noc.events(way)[-2:]
        assert cleared.values["ftpAuthNotifyTo"] == DISABLED
        assert cleared.values["ftpAuthNotifySeverity"] == CLEARED
        assert cleared.values["ftpAuthNotifyAlarm"] == raised.values["ftpAuthNotifyAlarm"]


def test_foreign_text_is_printable(watch, ftp, contract):
    """What a hostile server writes reaches no terminal of a NOC raw, and nothing too long."""
    server = ftp(ftpserver.script(
        PASS=b"530 \x1b[2J\x1b]0;owned\x07" + b"\xff long " * 40 + b"\r\n"))
    _, noc = watch([target("t", server)])
    noc.wait("ftpAuthLoginRefused")
    values = noc.events()[-1].values
    text = values["ftpAuthStatusReplyText"]
    assert isinstance(text, str) and "\\x1B[2J" in text.replace("\\x1B", "\\x1B")
    assert len(text) <= 160 and len(values["ftpAuthNotifyText"]) <= 160

