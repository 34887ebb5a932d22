# SPDX-License-Identifier: ISC
"""Whatever becomes of snmpd, probing goes on, and what happened meanwhile is told once."""
import signal

import pytest

import rig
from rig import target


@pytest.fixture
def master(snmpd, receiver):
    """An snmpd that is not started yet, with one sink: what leaves it is seen as it left."""
    return snmpd(sinks="trap2sink %s public\n" % receiver.where)


def events(receiver, contract):
    """[(name of the notification, name of the target, sequence)] as they came."""
    got = []
    for n in receiver.received:
        if n.name(contract):
            values = n.named(contract)
            got.append((n.name(contract), values["ftpAuthNotifyName"],
                        values["ftpAuthNotifySequence"]))
    return got


def wait_for_event(receiver, contract, name, of, times=1):
    rig.wait_until(lambda: [e[:2] for e in events(receiver, contract)].count((name, of)) >= times,
                   "%s of %s" % (name, of or "the agent"))


def wait_for_logins(server, more=2):
    """Probing goes on: so many more logins begin."""
    before = server.logins
    rig.wait_until(lambda: server.logins >= before + more, "%d more logins" % more)


def wait_for_mib(master, contract):
    rig.wait_until(lambda: master.impatient.answers(contract("ftpAuthSummaryTotal")),
                   "the MIB at snmpd")


def assert_told_once(receiver, contract, expected):
    """Exactly EXPECTED came: each once, in order, without a gap in the sequence."""
    got = events(receiver, contract)
    assert [e[:2] for e in got] == expected
    numbers = [e[2] for e in got]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


STARTED, STOPPING = ("ftpAuthAgentStarted", ""), ("ftpAuthAgentStopping", "")
REFUSED, RECOVERED = ("ftpAuthLoginRefused", "t"), ("ftpAuthLoginRecovered", "t")


def test_absent_at_start(master, receiver, ftp, daemon, contract):
    server = ftp("good")
    d = daemon([target("t", server)], agentx=master.agentx).start()
    wait_for_logins(server)
    server.behave("pass-530")
    rig.wait_until(lambda: d.manager.status().endswith("1 refused"), "the refusal")
    assert "AgentX" in d.log, "it says that there is no master"
    master.start()
    wait_for_mib(master, contract)
    assert master.client.value(contract("ftpAuthSummaryRefused")) == 1
    wait_for_event(receiver, contract, *REFUSED)
    assert d.stop() == 0
    wait_for_event(receiver, contract, *STOPPING)
    assert_told_once(receiver, contract, [STARTED, REFUSED, STOPPING])


@pytest.mark.parametrize("how,transport", [(signal.SIGTERM, "unix"), (signal.SIGKILL, "tcp")],
                         ids=["restarted", "killed"])
def test_master_goes_and_comes(snmpd, receiver, ftp, daemon, contract, how, transport):
    master = snmpd(transport, "trap2sink %s public\n" % receiver.where).start()
    server = ftp("good")
    d = daemon([target("t", server)], agentx=master.agentx).start()
    wait_for_mib(master, contract)
    wait_for_event(receiver, contract, *STARTED)
    wait_for_logins(server, 1)
    master.stop(how)
    wait_for_logins(server, 1)
    server.behave("pass-530")
    rig.wait_until(lambda: d.manager.status().endswith("1 refused"), "the refusal")
    server.behave("good")
    rig.wait_until(lambda: d.manager.status().endswith("1 ok"), "the recovery")
    master.start()
    wait_for_mib(master, contract)
    wait_for_event(receiver, contract, *RECOVERED)
    rig.wait_until(lambda: master.client.value(contract("ftpAuthAgentMasterReconnects")) == 1,
                   "the count of reconnects")
    assert d.stop() == 0
    wait_for_event(receiver, contract, *STOPPING)
    assert_told_once(receiver, contract, [STARTED, REFUSED, RECOVERED, STOPPING])


def test_master_stopped_under_load(master, receiver, ftp, daemon, contract):
    """A master that neither answers nor goes: the worst one for its callers."""
    master.start()
    servers = [ftp("good") for _ in range(40)]
    d = daemon([target("t%02d" % i, s, index=i + 1) for i, s in enumerate(servers)],
               agentx=master.agentx).start()
    rig.wait_until(lambda: d.manager.status().endswith("40 ok"), "the first logins")
    wait_for_mib(master, contract)
    wait_for_event(receiver, contract, *STARTED)
    master.freeze()
    before = [s.logins for s in servers]
    for s in servers:
        s.behave("pass-530")
    rig.wait_until(lambda: all(s.logins >= b + 4 for s, b in zip(servers, before)),
                   "four more logins to each server while snmpd is stopped")
    assert d.manager.status().endswith("40 refused")
    assert all(s.max_open == 1 for s in servers), "never two probes at once on one target"
    master.thaw()
    wait_for_mib(master, contract)
    for i in range(len(servers)):
        wait_for_event(receiver, contract, "ftpAuthLoginRefused", "t%02d" % i)
    rig.wait_until(lambda: master.client.value(contract("ftpAuthAgentNotifyPending")) == 0,
                   "the queue to be empty")
    assert d.stop() == 0
    wait_for_event(receiver, contract, *STOPPING)
    got = events(receiver, contract)
    # The one in flight when the master stopped may have been taken or not: it is sent again.
    numbers = sorted({e[2] for e in got})
    assert numbers == list(range(numbers[0], numbers[0] + len(servers) + 2)), "none lost"
    named = {e[2]: e[:2] for e in got}
    assert len(set(named.values())) == len(servers) + 2, "one event a target"
    assert len(got) <= len(numbers) + 1, "each once"


def test_master_is_restarted_over_and_over(master, receiver, ftp, daemon, contract):
    """Kills at any moment, also in the middle of an attach; nothing is lost but at the receiver."""
    server = ftp("good")
    d = daemon([target("t", server)], agentx=master.agentx).start()
    for n in range(12):
        master.start()
        if n == 6:
            wait_for_mib(master, contract)
        master.stop(signal.SIGKILL if n % 3 else signal.SIGTERM)
    wait_for_logins(server)
    master.start()
    wait_for_mib(master, contract)
    server.behave("pass-530")
    wait_for_event(receiver, contract, *REFUSED)
    assert d.stop() == 0
    wait_for_event(receiver, contract, *STOPPING)
    assert [e[:2] for e in events(receiver, contract)].count(REFUSED) == 1


def test_sigterm_with_hung_probes(master, ftp, daemon, contract):
    master.start()
    servers = [ftp(name) for name in ("silent-connect", "silent-user", "silent-pass", "no-quit")]
    d = daemon([target("t%03d" % i, servers[i % 4], interval="30s", timeout="30s")
                for i in range(200)], agentx=master.agentx,
               defaults={"interval": "30s", "timeout": "30s"}).start()
    rig.wait_until(lambda: sum(s.open for s in servers) >= 20, "probes in flight", 60)
    assert d.stop() == 0
    rig.wait_until(lambda: sum(s.open for s in servers) == 0, "the connections to end")


def test_sigterm_with_hung_master(master, ftp, daemon, contract):
    """A stopped snmpd does not hold up the end."""
    master.start()
    server = ftp("pass-530")
    d = daemon([target("t", server)], agentx=master.agentx).start()
    wait_for_mib(master, contract)
    master.freeze()
    wait_for_logins(server)
    assert d.stop() == 0
    assert d.manager.count("STOPPING=1") == 1


def test_no_two_probes_at_once(ftp, daemon, master):
    """Also when each one takes until its limit."""
    servers = [ftp(name) for name in ("silent-connect", "silent-user", "silent-pass", "half-pass")]
    # A server learns late that we have left: it has two seconds.
    daemon([target("t%d" % i, s, timeout="1s", interval="3s") for i, s in enumerate(servers)],
           agentx=master.agentx).start()
    rig.wait_until(lambda: all(len(s.sessions) >= 3 for s in servers), "three rounds")
    assert [s.max_open for s in servers] == [1] * len(servers)


def test_bounded_in_flight(ftp, daemon, master):
    """max-concurrent holds, and everybody's turn comes."""
    server = ftp("silent-user")
    d = daemon(agentx=master.agentx)
    d.configure([], text="""
store: %s/state.db
agentx: { socket: "%s" }
max-concurrent: 5
defaults: { interval: 2s, timeout: 200ms }
targets:
%s""" % (d.folder, master.agentx, "".join(
        "  - { name: t%d, host: 127.0.0.1, port: %d, user: u%d }\n" % (i, server.port, i)
        for i in range(30))))
    d.start()
    rig.wait_until(lambda: len({s.user for s in server.sessions if s.user}) == 30, "all targets")
    # A connection that we have left may still be open at the server for a moment.
    assert server.max_open <= 7
