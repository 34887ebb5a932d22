# SPDX-License-Identifier: ISC
"""A server that lets everybody in and fails them then: its state, its alarm and its row, at a real
master and a real receiver; and that no data connection keeps other targets waiting."""
import hashlib
import json

import pytest

import realservers
import rig
from ftpserver import DATA_CLOSE, HANG, REFUSE, data, endless_data, session
from proxy import Proxy
from rig import run_ftphealth, target

OK, AT_RISK, DEGRADED, REFUSED = 1, 2, 3, 4
WARNING, CLEARED = 3, 1
CONTENT = b"what users want\n" * 100
SHA = hashlib.sha256(CONTENT).hexdigest()
GOOD = session("150 a", data(CONTENT), DATA_CLOSE, "226 b")
GONE = session("550 No such file.")
REFUSES = session(PASS="530 Login incorrect.")
FILE = {"command": "retr", "path": "/pub/README", "sha256": SHA}


def rows(d, contract, column):
    return {int(i): v for i, v in d.client.column(contract(column)).items()}


def told(receiver, contract, name, times=1):
    """The values of the latest notification NAME, when there are TIMES."""
    def all_of():
        return [n for n in receiver.received if n.way == "trap" and n.name(contract) == name]
    rig.wait_until(lambda: len(all_of()) >= times, name)
    return all_of()[-1].named(contract)


@pytest.fixture(name="watched")
def make_watched(receiver, snmpd, daemon):
    """A daemon under a real snmpd, which tells a real snmptrapd."""
    def start(targets, **keys):
        master = snmpd(sinks=receiver.sinks()).start()
        d = daemon(targets, agentx=master.agentx, **keys)
        d.start()
        d.client = master.client
        return d
    return start


def test_a_whole_life(watched, ftp, contract, receiver):
    """Good, gone twice (once says nothing), refused meanwhile, good again, not asked any more."""
    server = ftp(GOOD)
    t = target("plant-7", server, **{"after-login": FILE, "raise": 2})
    d = watched([t])
    rig.wait_until(lambda: d.manager.status().endswith("1 ok"), "the first login")
    assert rows(d, contract, "ftpAuthSessionResult") == {1: 2}
    assert rows(d, contract, "ftpAuthSessionDigest") == {1: SHA}
    assert rows(d, contract, "ftpAuthSessionOctets") == {1: len(CONTENT)}
    assert rows(d, contract, "ftpAuthSessionCommand") == {1: 4}
    times = [v.value for v in d.client.get(*(  # in one request: they are those of one probe
        contract("ftpAuthSession" + n, 1) for n in ("Passive", "Data", "First", "Total")))]
    assert 0 < times[0] and times == sorted(times)
    server.behave(GONE)
    n = told(receiver, contract, "ftpAuthDegraded")
    assert n["ftpAuthNotifySeverity"] == WARNING
    assert (n["ftpAuthNotifyFrom"], n["ftpAuthNotifyTo"]) == (OK, DEGRADED)
    assert n["ftpAuthNotifyText"] == \
        "anonymous login works, but retr /pub/README fails: 550 No such file."
    assert n["ftpAuthStatusDiagnosis"] == contract.diagnoses["fileUnavailable"]
    assert "account may read it" in n["ftpAuthStatusRemedy"]
    assert (n["ftpAuthSessionResult"], n["ftpAuthSessionReplyCode"]) == (8, 550)
    assert n["ftpAuthSessionReplyText"] == "No such file."
    alarm = n["ftpAuthNotifyAlarm"]
    assert rows(d, contract, "ftpAuthStatusState") == {1: DEGRADED}
    assert rows(d, contract, "ftpAuthAlarmKind") == {alarm: 9}
    assert rows(d, contract, "ftpAuthStatusReplyCode") == {1: 230}  # the login's

    # Refused: an alarm of its own, and the first one stays.
    server.behave(REFUSES)
    n = told(receiver, contract, "ftpAuthLoginRefused")
    assert (n["ftpAuthNotifyFrom"], n["ftpAuthNotifyTo"]) == (DEGRADED, REFUSED)
    assert sorted(rows(d, contract, "ftpAuthAlarmKind").values()) == [1, 9]
    server.behave(GONE)
    n = told(receiver, contract, "ftpAuthLoginRecovered")
    assert (n["ftpAuthNotifyFrom"], n["ftpAuthNotifyTo"]) == (REFUSED, DEGRADED)
    assert rows(d, contract, "ftpAuthAlarmKind") == {alarm: 9}

    server.behave(GOOD)
    n = told(receiver, contract, "ftpAuthDegradedCleared")
    assert (n["ftpAuthNotifySeverity"], n["ftpAuthNotifyAlarm"]) == (CLEARED, alarm)
    assert (n["ftpAuthNotifyFrom"], n["ftpAuthNotifyTo"]) == (DEGRADED, OK)
    assert n["ftpAuthNotifyText"] == "retr /pub/README works again after the login"
    assert not rows(d, contract, "ftpAuthAlarmKind")
    names = [n.name(contract) for n in receiver.received if n.way == "trap"]
    assert names.count("ftpAuthDegraded") == names.count("ftpAuthDegradedCleared") == 1

    # Gone again, and then not asked any more.
    server.behave(GONE)
    told(receiver, contract, "ftpAuthDegraded", 2)
    del t["after-login"]
    d.configure([t])
    d.reload()
    n = told(receiver, contract, "ftpAuthDegradedCleared", 2)
    assert n["ftpAuthNotifyText"] == "nothing is asked after the login any more"
    assert not rows(d, contract, "ftpAuthSessionResult")
    rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusState") == {1: OK}, "ok")


def test_restart(daemon, ftp, contract):
    """An alarm that is open outlasts a restart, with its number, and is shown by the command."""
    server = ftp(GONE)
    d = daemon([target("plant-7", server, **{"after-login": FILE})], listen=rig.free_port())
    d.start()
    rig.wait_until(lambda: rows(d, contract, "ftpAuthAlarmKind"), "the alarm")
    before = rows(d, contract, "ftpAuthAlarmKind")
    assert d.stop() == 0
    d.start()
    assert rows(d, contract, "ftpAuthAlarmKind") == before
    rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusState") == {1: DEGRADED}, "the state")
    store = str(d.folder / "state.db")
    rig.wait_until(lambda: "degraded" in run_ftphealth("status", "--store", store)[1], "the store")
    code, out, _ = run_ftphealth("alarms", "--store", store, "--json")
    assert code == 0 and [a["kind"] for a in json.loads(out)] == ["degraded"], out
    code, out, _ = run_ftphealth("status", "--store", store, "plant-7")
    assert code == 1 and "fileUnavailable" in out and "account may read it" in out
    code, out, _ = run_ftphealth("events", "--store", store, "plant-7")
    assert "retr /pub/README fails: 550 No such file." in out
    server.behave(GOOD)
    rig.wait_until(lambda: not rows(d, contract, "ftpAuthAlarmKind"), "the end of it")


def test_journal(daemon, ftp, contract):
    server = ftp(GONE)
    d = daemon([target("plant-7", server, **{"after-login": FILE})], listen=rig.free_port())
    d.start()
    rig.wait_until(lambda: "plant-7: anonymous login works, but retr /pub/README fails" in d.log, "the line")


def test_maintenance(daemon, ftp, contract, receiver):
    """Held back as any other."""
    server = ftp(GONE)
    snmp = "rwcommunity private 127.0.0.1\nrocommunity public 127.0.0.1\n" + receiver.sinks(rig.ENGINE) + \
        "engineID %s\n" % rig.ENGINE_TEXT
    d = daemon([target("plant-7", server, enabled=True, **{"after-login": {"command": "pwd"}})],
               listen=rig.free_port(), snmp=snmp)
    d.start()
    rig.wait_until(lambda: d.manager.status().endswith("1 ok"), "the first login")
    d.writer.set(contract("ftpAuthTargetAdmin") + ".1", "i", "2")
    server.behave(session(PWD="550 no"))
    rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusState") == {1: DEGRADED}, "degraded")
    assert not [n for n in receiver.received if n.name(contract) == "ftpAuthDegraded"]
    d.writer.set(contract("ftpAuthTargetAdmin") + ".1", "i", "1")
    n = told(receiver, contract, "ftpAuthDegraded")
    assert n["ftpAuthSessionResult"] == 3


def test_our_own_failure(daemon, ftp, contract):
    """A proxy that does not get to the data: the agent is impaired, and nothing is told of the server."""
    server = ftp(session(EPSV=(REFUSE, "229 go (|||{port}|)")))
    with Proxy() as proxy:
        t = target("plant-7", server, proxy=proxy.url("http"), **{"after-login": {"command": "list"}})
        d = daemon([t], listen=rig.free_port())
        d.start()
        rig.wait_until(lambda: rows(d, contract, "ftpAuthSessionResult") == {1: 14}, "our failure")
        assert rows(d, contract, "ftpAuthStatusState") == {1: OK}
        assert not rows(d, contract, "ftpAuthAlarmKind")
        rig.wait_until(lambda: d.client.value(contract("ftpAuthAgentState")) == 3, "impaired")
        # Straight, the same is the server's.
        del t["proxy"]
        d.configure([t])
        d.reload()
        rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusState") == {1: DEGRADED}, "degraded")
        assert rows(d, contract, "ftpAuthSessionResult") == {1: 5}


def test_real_server(daemon, contract):
    """vsftpd's file disappears, and comes back."""
    why = realservers.why_not("vsftpd")
    if why:
        pytest.skip(why)
    files = {"anon/README": CONTENT.decode()}
    with realservers.RealServer("vsftpd", files=files, pasv_enable="YES") as s:
        after = dict(FILE, path="/README")
        d = daemon([target("ftp", s, **{"after-login": after})], listen=rig.free_port())
        d.start()
        rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusState") == {1: OK}, "ok")
        (s.folder / "anon/README").rename(s.folder / "away")
        rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusState") == {1: DEGRADED}, "degraded")
        (s.folder / "away").write_text("something else")
        (s.folder / "away").rename(s.folder / "anon/README")
        mismatch = contract.diagnoses["contentMismatch"]
        rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusDiagnosis") == {1: mismatch}, "a mismatch")
        (s.folder / "anon/README").write_bytes(CONTENT)
        rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusState") == {1: OK}, "ok again")


# ------------------------------------------------------------------ other targets keep their pace


def memory_kb(d):
    with open("/proc/%d/status" % d.process.pid, encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def test_huge_listing(daemon, ftp, contract):
    """A listing of 1 GB, wanted whole: it ends, memory does not grow with it, others are not late."""
    huge = ftp(session("150 a", endless_data(b"-rw-r--r-- 1 a a 1 Jan 1 00:00 file\r\n" * 1800)))
    plain = ftp("good")
    wanted = {"command": "list", "max-size": "1G"}
    targets = [target("huge", huge, interval="60s", timeout="60s", **{"after-login": wanted})]
    targets += [target("plain%d" % i, plain) for i in range(10)]
    d = daemon(targets, listen=rig.free_port())
    d.start()
    rig.wait_until(lambda: huge.sessions and huge.sessions[-1].sent > 64 << 20, "the data to flow")
    early = memory_kb(d)
    rig.wait_until(lambda: rows(d, contract, "ftpAuthSessionTotal").get(1, 0) > 0, "its end")
    assert rows(d, contract, "ftpAuthSessionResult") == {1: 2}
    assert rows(d, contract, "ftpAuthSessionOctets") == {1: 1 << 30}
    assert "more than 1073741824 octets" in rows(d, contract, "ftpAuthSessionDetail")[1]
    assert memory_kb(d) - early < 8192
    rig.wait_until(lambda: min(v for i, v in rows(d, contract, "ftpAuthCountOk").items() if i > 1) >= 2,
                   "the others to be asked twice")
    # One listing that kept the others waiting would have done so for seconds.
    assert d.client.value(contract("ftpAuthAgentLongestStall")) < 1000


def test_hung_data(daemon, ftp, contract):
    """100 servers whose data hangs, and 10 whose does not."""
    hung = ftp(session("150 a", data(b"abc"), HANG))
    good = ftp(GOOD)
    targets = [target("hung%d" % i, hung, interval="2s", timeout="2s",
                      **{"after-login": {"command": "list"}}) for i in range(100)]
    targets += [target("good%d" % i, good, interval="5s", timeout="5s", **{"after-login": FILE})
                for i in range(10)]  # patient: this server is one thread with the hundred
    d = daemon(targets, listen=rig.free_port())
    d.show_log = False
    d.start()
    rig.wait_until(lambda: list(rows(d, contract, "ftpAuthSessionResult").values()).count(11) == 100,
                   "100 that are late")
    rig.wait_until(lambda: min(v for i, v in rows(d, contract, "ftpAuthCountOk").items() if i > 100) >= 3,
                   "the good ones to be asked three times")
    results = rows(d, contract, "ftpAuthSessionResult")
    assert {results[i] for i in range(101, 111)} == {2}
    states = rows(d, contract, "ftpAuthStatusState")
    assert {states[i] for i in range(1, 101)} == {DEGRADED}
    assert {states[i] for i in range(101, 111)} == {OK}
    assert d.client.value(contract("ftpAuthAgentLongestStall")) < 1000
