# SPDX-License-Identifier: ISC
"""What a manager may change over SNMPv3, through snmpd and without it, and that nothing else is."""
import threading

import pytest

import ftpserver
import rig
from rig import target

ENABLED, MAINTENANCE, DISABLED = 1, 2, 3
IDLE, START = 1, 2
TRUE, FALSE = 1, 2
OK, REFUSED, IS_DISABLED = 1, 4, 7
USERS = "createUser %s SHA authpass123 AES privpass123\n"
# Setting: type for snmpset, default, another value, values that are refused.
SETTINGS = {
    "ftpAuthNotifyEnable": ("i", TRUE, FALSE, (0, 3)),
    "ftpAuthNotifyMinInterval": ("u", 0, 3600, (3601, 4294967295)),
    "ftpAuthNotifyRepeat": ("u", 0, 86400, (86401,)),
    "ftpAuthNotifyHeartbeat": ("u", 0, 86400, (86401,)),
    "ftpAuthNotifyStorm": ("u", 100, 100000, (100001,)),
}


class Manager:
    """The users `writer` and `reader` of one agent."""

    def __init__(self, daemon, tools, where, contract):
        self.daemon, self.contract = daemon, contract
        self.client = rig.Client(tools, where, ("-v3", "-u", "writer", *rig.AUTH))
        self.reader = rig.Client(tools, where, rig.V3)

    def value(self, name, index=None):
        return self.client.value(self.contract(name, index))

    def set(self, *varbinds, client=None):
        """The error of a SET, in net-snmp's words, or "". A varbind: (name, index, type, value)."""
        words = []
        for name, index, kind, value in varbinds:
            words += [self.contract(name, index), kind, str(value)]
        code, out, error = (client or self.client).run("snmpset", *words)
        return "" if code == 0 else error or out

    def order(self, *varbinds):
        assert self.set(*varbinds) == ""

    def wait(self, name, index, wanted):
        rig.wait_until(lambda: self.value(name, index) == wanted, "%s.%s = %s" % (name, index, wanted))

    def events(self):
        """[(name of the notification, index of its target, whether it was sent)] in order."""
        columns = [self.client.column(self.contract(name)) for name in
                   ("ftpAuthEventNotification", "ftpAuthEventTarget", "ftpAuthEventSent")]
        return [(self.contract.names[oid], *(c[i] for c in columns[1:]))
                for i, oid in sorted(columns[0].items(), key=lambda item: int(item[0]))
                if all(i in c for c in columns[1:])]

    def restart(self):
        assert self.daemon.stop() == 0
        self.daemon.start()
        rig.wait_until(lambda: self.client.answers(self.contract("ftpAuthSummaryTotal")), "the MIB")


@pytest.fixture(params=["agentx", "listen"])
def manage(request, daemon, snmpd, receiver, contract):
    """A function that starts the daemon with its targets and gives the Manager."""
    def make(targets, **keys):
        if request.param == "agentx":
            master = snmpd(sinks="rwuser writer priv\ntrap2sink %s public\n" % receiver.where)
            with open(master.netsnmp.state / "snmpd.conf", "a", encoding="ascii") as f:
                f.write(USERS % "writer")
            master.start()
            d = daemon(targets, agentx=master.agentx, **keys)
            m = Manager(d, master.tools, master.where, contract)
        else:
            d = daemon(targets, listen=rig.free_port(), **keys, snmp=USERS % "writer" + USERS %
                       "reader" + "rwuser writer priv\nrouser reader priv\nrwcommunity private "
                       "127.0.0.1\ntrap2sink %s public\n" % receiver.where)
            m = Manager(d, d.netsnmp, d.client.where, contract)
        d.start()
        rig.wait_until(lambda: m.client.answers(contract("ftpAuthSummaryTotal")), "the MIB")
        return m
    return make


def two(ftp):
    return [target("a", ftp("good"), index=1), target("b", ftp("good"), index=2)]


def test_settings(manage, ftp):
    m = manage(two(ftp))
    for name, (kind, default, other, bad) in SETTINGS.items():
        assert m.value(name) == default
        m.order((name, None, kind, other))
        assert m.value(name) == other
        for value in bad:
            assert "wrongValue" in m.set((name, None, kind, value))
        assert "wrongType" in m.set((name, None, "s", "x"))
        assert "wrongType" in m.set((name, None, "t", 1))
        assert m.value(name) == other
    m.order(*((name, None, kind, default) for name, (kind, default, _, _) in SETTINGS.items()))
    for name, (_, default, _, _) in SETTINGS.items():
        assert m.value(name) == default


def test_settings_take_effect(manage, ftp, receiver, contract):
    """A heartbeat at once, not only after the next restart; a storm becomes one notification."""
    def names():
        return [n.name(contract) for n in receiver.received]

    servers = [ftp("good") for _ in range(4)]
    m = manage([target("t%d" % i, server, index=i + 1) for i, server in enumerate(servers)])
    rig.wait_until(lambda: m.value("ftpAuthSummaryOk") == len(servers), "all to be well")
    m.order(("ftpAuthNotifyHeartbeat", None, "u", 1))
    rig.wait_until(lambda: "ftpAuthHeartbeat" in names(), "a heartbeat")
    m.order(("ftpAuthNotifyHeartbeat", None, "u", 0), ("ftpAuthNotifyStorm", None, "u", 1))
    for server in servers:
        server.behave("q269241")
    rig.wait_until(lambda: "ftpAuthMassFailure" in names(), "the mass alarm")
    rig.wait_until(lambda: m.value("ftpAuthAlarmsActive") == len(servers) + 1, "all alarms")
    assert names().count("ftpAuthLoginRefused") == 1
    assert sorted(m.client.column(contract("ftpAuthAlarmKind")).values()) == [1, 1, 1, 1, 7]
    m.order(("ftpAuthNotifyStorm", None, "u", 0))
    rig.wait_until(lambda: names().count("ftpAuthLoginRefused") == len(servers), "the others")
    mass = [n.named(contract) for n in receiver.received if "Mass" in (n.name(contract) or "")]
    assert len(mass) == 2 and len({n["ftpAuthNotifyAlarm"] for n in mass}) == 1
    assert [n["ftpAuthNotifyCount"] for n in mass] == [2, len(servers) - 1]


def test_the_log_says_who(manage, ftp):
    """Without a master in between, which does not tell."""
    m = manage(two(ftp))
    m.order(("ftpAuthNotifyStorm", None, "u", 7), ("ftpAuthTargetAdmin", 2, "i", MAINTENANCE))
    who = "writer" if m.daemon.listen else "a manager of the master agent"
    for line in ("ftpAuthNotifyStorm is 7 now", "b is in maintenance: its notifications are held back"):
        line += ", ordered over SNMP by " + who
        rig.wait_until(lambda: line in m.daemon.log, line)


def test_all_outlasts_a_restart(manage, ftp):
    m = manage(two(ftp))
    for name, (kind, _, other, _) in SETTINGS.items():
        m.order((name, None, kind, other))
    m.order(("ftpAuthTargetAdmin", 1, "i", MAINTENANCE), ("ftpAuthTargetAdmin", 2, "i", DISABLED))
    m.wait("ftpAuthStatusState", 2, IS_DISABLED)
    m.restart()
    for name, (_, _, other, _) in SETTINGS.items():
        assert m.value(name) == other
    assert m.value("ftpAuthTargetAdmin", 1) == MAINTENANCE
    assert m.value("ftpAuthTargetAdmin", 2) == DISABLED
    m.wait("ftpAuthStatusState", 1, OK)
    m.wait("ftpAuthStatusState", 2, IS_DISABLED)


def test_maintenance(manage, ftp, receiver, contract):
    """What happens in maintenance is an event, and told when it ends."""
    server = ftp("good")
    m = manage([target("a", server, index=1)])
    m.wait("ftpAuthStatusState", 1, OK)
    m.order(("ftpAuthTargetAdmin", 1, "i", MAINTENANCE))
    assert m.value("ftpAuthTargetAdmin", 1) == MAINTENANCE
    m.wait("ftpAuthStatusHeld", 1, TRUE)
    server.behave("q269241")
    m.wait("ftpAuthStatusState", 1, REFUSED)
    rig.wait_until(lambda: ("ftpAuthLoginRefused", 1, FALSE) in m.events(), "the event")
    assert list(m.client.column(contract("ftpAuthAlarmTold")).values()) == [FALSE]
    assert "ftpAuthLoginRefused" not in [n.name(contract) for n in receiver.received]
    m.order(("ftpAuthTargetAdmin", 1, "i", ENABLED))
    rig.wait_until(lambda: "ftpAuthLoginRefused" in [n.name(contract) for n in receiver.received],
                   "the notification")
    m.wait("ftpAuthStatusHeld", 1, FALSE)
    rig.wait_until(lambda: list(m.client.column(contract("ftpAuthAlarmTold")).values()) == [TRUE],
                   "the alarm to count as told")


def test_from_maintenance_to_disabled(manage, ftp, receiver, contract):
    """What was held back is told by nobody, and its alarm is closed."""
    m = manage([target("a", ftp("q269241"), index=1, enabled=True), target("b", ftp("good"), index=2)],
               defaults={"raise": 2})
    m.order(("ftpAuthTargetAdmin", 1, "i", MAINTENANCE))
    m.wait("ftpAuthStatusState", 1, REFUSED)
    rig.wait_until(lambda: m.value("ftpAuthAlarmsActive") == 1, "the alarm")
    m.order(("ftpAuthTargetAdmin", 1, "i", DISABLED))
    rig.wait_until(lambda: m.value("ftpAuthAlarmsActive") == 0, "the alarm to be closed")
    m.order(("ftpAuthTargetAdmin", 2, "i", DISABLED), ("ftpAuthTargetAdmin", 1, "i", ENABLED))
    rig.wait_until(lambda: "ftpAuthLoginRefused" in [n.name(contract) for n in receiver.received],
                   "what comes after all that")
    about = [n.name(contract) for n in receiver.received if n.way == "trap"]
    assert "ftpAuthLoginRecovered" not in about and about.count("ftpAuthLoginRefused") == 1


def test_disabled(manage, ftp, receiver, contract):
    """It is probed no more, its alarm is closed and that is told; enabled it begins anew."""
    m = manage([target("a", ftp("q269241"), index=1)])
    rig.wait_until(lambda: m.value("ftpAuthAlarmsActive") == 1, "the alarm")
    m.order(("ftpAuthTargetAdmin", 1, "i", DISABLED))
    m.wait("ftpAuthStatusState", 1, IS_DISABLED)
    rig.wait_until(lambda: m.value("ftpAuthAlarmsActive") == 0, "the alarm to be closed")
    rig.wait_until(lambda: "ftpAuthLoginRecovered" in [n.name(contract) for n in receiver.received],
                   "the notification")
    assert "inconsistentValue" in m.set(("ftpAuthTargetProbeNow", 1, "i", START))
    attempts = m.value("ftpAuthCountAttempts", 1)
    m.order(("ftpAuthTargetAdmin", 1, "i", ENABLED), ("ftpAuthTargetProbeNow", 1, "i", START))
    m.wait("ftpAuthStatusState", 1, REFUSED)
    assert m.value("ftpAuthCountAttempts", 1) > attempts


def test_probe_now(manage, ftp):
    """A probe that is not due for an hour."""
    server = ftp("good")
    m = manage([target("a", server, index=1)], defaults={"interval": "1h", "timeout": "1s"})
    m.wait("ftpAuthStatusState", 1, OK)
    assert m.value("ftpAuthCountAttempts", 1) == 1
    server.behave("q269241")
    m.order(("ftpAuthTargetProbeNow", 1, "i", START))
    m.wait("ftpAuthStatusState", 1, REFUSED)
    assert m.value("ftpAuthCountAttempts", 1) == 2
    m.wait("ftpAuthTargetProbeNow", 1, IDLE)
    assert "wrongValue" in m.set(("ftpAuthTargetProbeNow", 1, "i", IDLE))


def test_probe_now_while_one_is_under_way(manage, ftp):
    """That one does not count: it has seen what was before."""
    ordered = threading.Event()
    server = ftp(ftpserver.script(PASS=(ftpserver.until(ordered.is_set), "530 Login incorrect.")))
    m = manage([target("a", server, index=1)], defaults={"interval": "1h", "timeout": "5m"})
    rig.wait_until(lambda: server.logins == 1, "a login")
    server.behave("good")
    m.order(("ftpAuthTargetProbeNow", 1, "i", START))
    assert m.value("ftpAuthTargetProbeNow", 1) == START
    ordered.set()
    m.wait("ftpAuthStatusState", 1, OK)
    m.wait("ftpAuthTargetProbeNow", 1, IDLE)
    assert m.value("ftpAuthCountAttempts", 1) == 2
    assert m.value("ftpAuthCountLoginRefused", 1) == 1


def test_probe_now_is_over_when_disabled(manage, ftp):
    """A probe that is given up never ends."""
    server = ftp("silent-pass")
    m = manage([target("a", server, index=1)], defaults={"interval": "1h", "timeout": "5m"})
    rig.wait_until(lambda: server.logins == 1, "a login")
    m.order(("ftpAuthTargetProbeNow", 1, "i", START))
    m.order(("ftpAuthTargetAdmin", 1, "i", DISABLED))
    m.wait("ftpAuthStatusState", 1, IS_DISABLED)
    m.wait("ftpAuthTargetProbeNow", 1, IDLE)


def test_while_all_changes(manage, ftp):
    """Orders come while targets come and fail, and a storm is told: what is ordered last is so."""
    good, bad = ftp("good"), ftp("good")
    targets = [target("t%d" % i, bad if i % 2 else good, index=i + 1) for i in range(60)]
    m = manage(targets[:30])
    first, latest, over = range(1, 31), range(31, 61), threading.Event()

    def orders(admin, storm, indexes):
        return [("ftpAuthNotifyStorm", None, "u", storm),
                *(("ftpAuthTargetAdmin", i, "i", admin) for i in indexes),
                *(("ftpAuthTargetProbeNow", i, "i", START) for i in indexes)]

    def meddle():
        storm = 1
        while not over.is_set():
            storm = storm % 20 + 1
            for indexes in (latest, first):  # the latest are not always there
                m.set(*orders(MAINTENANCE if storm % 4 == 0 else ENABLED, storm, indexes))

    meddler = threading.Thread(target=meddle)
    meddler.start()
    try:
        for n in (60, 30, 60, 30, 60):
            bad.behave("q269241" if n == 60 else "good")
            m.daemon.configure(targets[:n])
            m.daemon.reload()
        rig.wait_until(lambda: "ftpAuthMassFailure" in [e[0] for e in m.events()], "the mass alarm")
    finally:
        over.set()
        meddler.join()
    for indexes in (first, latest):
        m.order(*orders(ENABLED, 7, indexes))
    m.wait("ftpAuthSummaryRefused", None, 30)
    assert m.value("ftpAuthNotifyStorm") == 7
    for name, wanted in (("ftpAuthTargetAdmin", ENABLED), ("ftpAuthTargetProbeNow", IDLE)):
        rig.wait_until(lambda n=name, w=wanted: set(m.client.column(m.contract(n)).values()) == {w},
                       "%s of all" % name)


BAD = {
    "wrongValue": ("ftpAuthNotifyStorm", None, "u", 100001),
    "wrongType": ("ftpAuthNotifyStorm", None, "i", 5),
    "notWritable": ("ftpAuthStatusState", 1, "i", 1),
    "noCreation": ("ftpAuthTargetAdmin", 3, "i", MAINTENANCE),
    "inconsistentValue": ("ftpAuthTargetAdmin", 2, "i", ENABLED),
}


@pytest.mark.parametrize("error", BAD)
def test_all_or_nothing(manage, ftp, error):
    """One varbind that is bad, before or behind good ones, of the same table and of another."""
    targets = two(ftp)
    targets[1]["enabled"] = False
    m = manage(targets)
    good = [("ftpAuthTargetAdmin", 1, "i", MAINTENANCE), ("ftpAuthNotifyRepeat", None, "u", 60)]
    for varbinds in ([*good, BAD[error]], [BAD[error], *good]):
        assert error in m.set(*varbinds)
        assert m.value("ftpAuthTargetAdmin", 1) == ENABLED
        assert m.value("ftpAuthNotifyRepeat") == 0
    m.order(*good)
    assert m.value("ftpAuthTargetAdmin", 1) == MAINTENANCE
    assert m.value("ftpAuthNotifyRepeat") == 60


def test_nothing_else(manage, ftp, contract):
    """Each object that the MIB calls read-only, where there is one to write."""
    m = manage([target("a", ftp("q269241"), index=1)])
    rig.wait_until(lambda: m.value("ftpAuthAlarmsActive") == 1, "an alarm and events")
    fast = rig.Client(m.client.netsnmp, m.client.where, ("-v2c", "-c", "private"))
    seen = set()
    for oid, _ in m.client.bulkwalk(contract.base):
        name, index = contract.split(oid)
        access = next(row[4] for row in contract.rows if row[1] == name)
        if access == "read-only" and name not in seen:
            seen.add(name)
            error = m.set((name, index if contract.kinds[name] == "column" else None, "i", 1),
                          client=fast)
            assert "notWritable" in error, name
    assert len(seen) > 90
    assert "notWritable" in fast.set(contract.base + ".1.3.6.0", "u", 1)
    assert "notWritable" in fast.set(contract.base + ".1.10.6.1.1.99", "u", 1)


def test_who_may_not(manage, ftp, contract):
    """The access control of the agent is asked before we are."""
    m = manage(two(ftp))
    for varbind in (("ftpAuthTargetAdmin", 1, "i", DISABLED), ("ftpAuthNotifyEnable", None, "i", FALSE)):
        error = m.set(varbind, client=m.reader)
        assert "noAccess" in error or "authorizationError" in error
    assert m.reader.value(contract("ftpAuthTargetAdmin", 1)) == ENABLED
    assert m.reader.value(contract("ftpAuthNotifyEnable")) == TRUE


def test_listening_nobody_may_by_default(daemon, ftp, contract):
    d = daemon(two(ftp), listen=rig.free_port(), snmp="# nothing\n").start()
    local = rig.Client(d.netsnmp, d.client.where, ("-v2c", "-c", "ftphealth"))
    error = local.set(contract("ftpAuthNotifyEnable"), "i", FALSE)
    assert "noAccess" in error or "authorizationError" in error
    assert local.value(contract("ftpAuthNotifyEnable")) == TRUE
