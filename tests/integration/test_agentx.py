# SPDX-License-Identifier: ISC
"""The MIB as a manager sees it through snmpd, over a Unix socket and over TCP."""
import threading
import time

import pytest

import ftpserver
import rig
from rig import target
from values import name_index, oid_key

# In the order of the configuration; by name "zz" comes first: the shorter first, then by octets.
TARGETS = [("alpha", "iis4"), ("beta", "q269241"), ("gamma-down", "good"), ("zz", "pure-ftpd-230")]
WITH_EVIDENCE = "beta"
INDEX = {name: i + 1 for i, (name, _) in enumerate(TARGETS)}


@pytest.fixture(scope="module", params=["unix", "tcp"])
def view(request, contract):
    """A manager's view of four targets in known states."""
    servers = {name: ftpserver.FtpServer(script) for name, script in TARGETS}
    servers["gamma-down"].down()
    master = rig.Snmpd(request.param).start()
    facts = rig.temporary_folder()
    (facts / "adsutil.txt").write_text("AnonymousPasswordSync : (BOOLEAN) True\n")
    evidence = {"setting": {"url": "%s/adsutil.txt" % facts, "format": "adsutil"}}
    # Long intervals: the values stand still while they are looked at.
    daemon = rig.Daemon([target(name, servers[name], index=INDEX[name], interval="3s", timeout="3s",
                                group="plant",
                                **({"evidence": evidence} if name == WITH_EVIDENCE else {}))
                         for name, _ in TARGETS], agentx=master.agentx)
    try:
        daemon.start()
        rig.wait_until(lambda: daemon.manager.status().endswith("2 ok, 1 refused, 1 unreachable"),
                       "all targets to be probed")
        rig.wait_until(lambda: master.client.answers(contract("ftpAuthSummaryTotal")), "the MIB")
        rig.wait_until(lambda: master.client.value(contract("ftpAuthAgentNotifyPending")) == 0,
                       "the agent's figures")
        rig.wait_until(lambda: master.client.value(contract("ftpAuthEvidenceSync",
                                                            INDEX[WITH_EVIDENCE])) == 2,
                       "the evidence")
        yield master
    finally:
        rig.remove_folder(facts)
        daemon.close()
        master.close()
        for server in servers.values():
            server.close()


def columns(contract, access=("read-only", "read-write")):
    return [row[1] for row in contract.rows if row[0] == "column" and row[4] in access]


def test_scalars(view, contract):
    expected = {"ftpAuthSummaryTotal": 4, "ftpAuthSummaryOk": 2, "ftpAuthSummaryRefused": 1,
                "ftpAuthSummaryUnreachable": 1, "ftpAuthSummaryUnknown": 0,
                "ftpAuthSummaryAtRisk": 0, "ftpAuthSummaryDegraded": 0,
                "ftpAuthSummaryDisabled": 0, "ftpAuthSummaryService": 2,
                "ftpAuthAgentState": 2, "ftpAuthAgentConfigResult": 1,
                "ftpAuthAgentConfigError": "",
                "ftpAuthAgentConfigLoads": 1, "ftpAuthAgentMasterReconnects": 0}
    values = view.client.get(*map(contract, expected))
    assert dict(zip(expected, (v.value for v in values))) == expected
    text = view.client.value(contract("ftpAuthSummaryText"))
    assert text.startswith("CRITICAL") and "beta" in text
    assert view.client.value(contract("ftpAuthAgentVersion"))


def test_a_refused_target(view, contract):
    expected = {
        "ftpAuthTargetName": "beta", "ftpAuthTargetGroup": "plant",
        "ftpAuthTargetHost": "127.0.0.1", "ftpAuthTargetUser": "anonymous",
        "ftpAuthTargetAddressType": 1, "ftpAuthTargetAddress": bytes([127, 0, 0, 1]),
        "ftpAuthTargetInterval": 3, "ftpAuthTargetTimeout": 3000,
        "ftpAuthTargetRaiseCount": 1, "ftpAuthTargetClearCount": 1,
        "ftpAuthStatusState": 4, "ftpAuthStatusService": 2,
        "ftpAuthStatusDiagnosis": contract.diagnoses["subAuthModuleMissing"],
        "ftpAuthStatusFailedStage": 8, "ftpAuthStatusReplyCode": 530,
        "ftpAuthStatusUserReplyCode": 331,
        "ftpAuthStatusUserReplyText":
            "Anonymous access allowed, send identity (e-mail name) as password.",
        "ftpAuthStatusBanner": "someserver Microsoft FTP Service (Version 4.0).",
        "ftpAuthStatusOkStreak": 0, "ftpAuthStatusReference": "Q269241, Q200475", "ftpAuthCountOk": 0,
    }
    values = view.client.get(*(contract(name, INDEX["beta"]) for name in expected))
    assert dict(zip(expected, (v.value for v in values))) == expected
    text, remedy, age = (v.value for v in view.client.get(
        contract("ftpAuthStatusReplyText", INDEX["beta"]),
        contract("ftpAuthStatusRemedy", INDEX["beta"]),
        contract("ftpAuthStatusOkAge", INDEX["beta"])))
    assert text.startswith("User ") and text.endswith(" cannot log in.") and "@" in text
    assert remedy and age == 4294967295


@pytest.mark.parametrize("name,state,service,code", [
    ("alpha", 1, 0, 230), ("beta", 4, 2, 530), ("gamma-down", 5, 2, 0), ("zz", 1, 0, 230)])
def test_by_name(view, contract, name, state, service, code):
    """A poller that knows only the name of a target needs one GET."""
    values = view.client.get(*(contract(c, name_index(name)) for c in (
        "ftpAuthNameIndex", "ftpAuthNameState", "ftpAuthNameService", "ftpAuthNameReplyCode")))
    assert [v.value for v in values] == [INDEX[name], state, service, code]
    assert name in view.client.value(contract("ftpAuthNameText", name_index(name)))


def test_walk_in_order(view, contract):
    walk = view.client.walk(contract.base)
    oids = [oid for oid, _ in walk]
    assert all(oid.startswith(contract.base + ".") for oid in oids)
    assert [oid_key(o) for o in oids] == sorted(set(map(oid_key, oids)))
    for repetitions in (1, 7, 50):
        bulk = view.client.bulkwalk(contract.base, repetitions)
        assert [oid for oid, _ in bulk] == oids


def test_everything_is_published(view, contract):
    """Each scalar once, each column once a target, an alarm, an event; and nothing else. None of
    them speaks TLS, or is asked anything after the login: those tables are empty."""
    got = {}
    for oid, _ in view.client.bulkwalk(contract.base):
        name, index = contract.split(oid)
        got.setdefault(name, []).append(index)
    expected = {row[1]: ["0"] for row in contract.rows
                if row[0] == "scalar" and row[4].startswith("read")}
    numbers = [str(i + 1) for i in range(len(TARGETS))]
    names = [name_index(n) for n in ("zz", "beta", "alpha", "gamma-down")]
    rows = {"ftpAuthName": names, "ftpAuthEvidence": [str(INDEX[WITH_EVIDENCE])],
            "ftpAuthAlarm": ["1", "2"],  # beta refuses, gamma-down is down
            "ftpAuthEvent": ["1", "2", "3"]}  # and the agent has started
    for name in columns(contract):
        if not name.startswith(("ftpAuthTls", "ftpAuthSession")):
            expected[name] = next((rows[start] for start in rows if name.startswith(start)), numbers)
    assert got == expected


def test_types(view, contract):
    """What is on the wire is what the contract says."""
    plain = {"Gauge32": "Gauge32", "Unsigned32": "Gauge32", "Counter32": "Counter32",
             "Counter64": "Counter64", "TimeTicks": "Timeticks", "TimeStamp": "Timeticks",
             "SnmpAdminString": "STRING", "DateAndTime": "STRING", "InetAddress": "STRING",
             "InetPortNumber": "Gauge32", "OBJECT IDENTIFIER": "OID", "RowPointer": "OID"}
    for oid, value in view.client.bulkwalk(contract.base):
        name, _ = contract.split(oid)
        syntax = contract.syntax[name]
        assert value.type == plain.get(syntax, "INTEGER"), (name, syntax, value)
        if syntax == "DateAndTime":
            assert len(value.value) in (8, 11), (name, value)
        if syntax == "SnmpAdminString":
            assert isinstance(value.value, str), "%s is not printable ASCII" % name


def test_sums(view, contract):
    """Attempts are the sum of the outcomes, row by row; read in one request a row."""
    parts = [n for n in columns(contract) if n.startswith("ftpAuthCount") and
             contract.syntax[n] == "Counter32" and
             n not in ("ftpAuthCountAttempts", "ftpAuthCountStateChanges",
                       "ftpAuthCountAlarmsRaised")]
    for i in INDEX.values():
        first, *rest = [v.value for v in view.client.get(
            *(contract(n, i) for n in ["ftpAuthCountAttempts", *parts]))]
        assert first == sum(rest) > 0


def test_getnext(view, contract):
    first, second = columns(contract)[:2]
    cases = [
        (contract.oids["ftpAuthTargetTable"], contract(first, 1)),
        (contract(first), contract(first, 1)),
        (contract(first, 0), contract(first, 1)),
        (contract(first, 1), contract(first, 2)),
        (contract(first, 2) + ".0", contract(first, 3)),
        (contract(first, 2) + ".4294967295", contract(first, 3)),
        (contract(first, 4), contract(second, 1)),
        (contract(first, 4294967295), contract(second, 1)),
        (contract("ftpAuthNameState"), contract("ftpAuthNameState", name_index("zz"))),
        (contract("ftpAuthNameState", "2.122"), contract("ftpAuthNameState", name_index("zz"))),
        (contract("ftpAuthNameState", name_index("zz")),
         contract("ftpAuthNameState", name_index("beta"))),
        (contract("ftpAuthNameState", name_index("beta")),
         contract("ftpAuthNameState", name_index("alpha"))),
        (contract("ftpAuthNameState", "4.98"),
         contract("ftpAuthNameState", name_index("beta"))),
    ]
    for asked, answer in cases:
        assert view.client.getnext(asked)[0][0] == answer, asked
    # All of them in one request, and in reverse.
    got = view.client.getnext(*(asked for asked, _ in reversed(cases)))
    assert [oid for oid, _ in got] == [answer for _, answer in reversed(cases)]


def test_bulk_by_rows(view, contract):
    """Several columns a request, as pollers of tables do."""
    names = ["ftpAuthTargetName", "ftpAuthStatusState", "ftpAuthTimingTotal",
             "ftpAuthCountAttempts"]
    got = view.client.bulkget(*(contract(n) for n in names), repetitions=4)
    assert [oid for oid, _ in got] == [contract(n, i) for i in (1, 2, 3, 4) for n in names]
    assert [v.value for oid, v in got if contract.split(oid)[0] == "ftpAuthTargetName"] == \
        [name for name, _ in TARGETS]


def test_nothing_there(view, contract):
    """Instances and objects that are not: the right exception for each."""
    state = contract("ftpAuthStatusState")
    for index in ("0", "5", "4294967295", "1.1", "1.0.0"):
        assert view.client.get("%s.%s" % (state, index))[0].type == "noSuchInstance", index
    for index in ("2.122.121", "3.122.122.122", "2.122", "2.122.122.0", "4294967295.1", "0"):
        value = view.client.get(contract("ftpAuthNameState", index))[0]
        assert value.type == "noSuchInstance", index
    assert view.client.get(contract("ftpAuthSummaryTotal")[:-2] + ".1")[0].type == "noSuchInstance"
    for oid in (contract.base + ".1.99.0", contract.oids["ftpAuthTargetTable"] + ".1.99.1",
                contract.oids["ftpAuthTargetTable"] + ".2.2.1", contract.base):
        assert view.client.get(oid)[0].type in ("noSuchObject", "noSuchInstance"), oid


def test_past_the_end(view, contract):
    last = view.client.bulkwalk(contract.base)[-1][0]
    for oid in (last, contract.base + ".1.4294967295", contract.base + ".4294967295"):
        following, value = view.client.getnext(oid)[0]
        assert not following.startswith(contract.base + ".") or value.type == "endOfMibView"
    assert len(view.client.bulkget(last, repetitions=5)) >= 1


@pytest.mark.parametrize("name,index,kind,value", [
    ("ftpAuthSummaryTotal", None, "u", 7),
    ("ftpAuthAgentVersion", None, "s", "2"),
    ("ftpAuthTargetName", 1, "s", "other"),
    ("ftpAuthStatusState", 2, "i", 1),
    ("ftpAuthStatusState", 99, "i", 1),
    ("ftpAuthCountAttempts", 1, "u", 0),
    ("ftpAuthNameState", name_index("zz"), "i", 1),
])
def test_set_is_refused(view, contract, name, index, kind, value):
    oid = contract(name, index)
    before = view.client.get(oid)[0].value
    assert "notWritable" in view.writer.set(oid, kind, value)
    assert view.client.get(oid)[0].value == before


def test_time_stamps_stand_still(view, contract):
    """The same moment reads the same each time: pollers compare them to learn of changes."""
    names = [n for n, syntax in contract.syntax.items() if syntax == "TimeStamp"]
    assert "ftpAuthSummaryTableLastChange" in names
    # That of the latest change may move when a probe changes something; here none does.
    oids = [contract(n) if contract.kinds[n] == "scalar" else contract(n, INDEX["beta"])
            for n in names]
    seen = {tuple(v.value for v in view.client.get(*oids)) for _ in range(30)}
    assert len(seen) == 1


def test_presence_in_sysortable(view, contract):
    """The module shows in sysORTable while the session is up."""
    entries = [v.value for v in dict(view.client.bulkwalk(".1.3.6.1.2.1.1.9.1.2")).values()]
    assert contract.base in entries


def test_v3(view, contract):
    assert view.v3.get(contract("ftpAuthSummaryTotal"))[0].value == 4


def test_table_changes_during_walks(ftp, snmpd, daemon, contract):
    """Rows come and go; a walk stays in order, ends, and is whole for the rows that stay."""
    server = ftp("good")
    master = snmpd().start()
    few = [target("stays%d" % i, server, interval="60s") for i in range(4)]
    many = [target("goes%03d" % i, server, interval="60s") for i in range(200)] + few
    d = daemon(few, agentx=master.agentx).start()
    rig.wait_until(lambda: master.client.answers(contract("ftpAuthSummaryTotal")), "the MIB")
    over = threading.Event()
    reloads = []

    def change():
        while not over.is_set():
            for targets in (many, few):
                d.configure(targets)
                d.reload()
                reloads.append(len(targets))
                time.sleep(0.05)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        sizes = set()
        end = time.monotonic() + rig.PATIENCE
        while (len(sizes) < 2 or len(reloads) < 6) and time.monotonic() < end:
            walk = master.client.bulkwalk(contract.oids["ftpAuthTargetTable"], 10)
            keys = [oid_key(oid) for oid, _ in walk]
            assert keys == sorted(set(keys))
            names = [v.value for oid, v in walk if contract.split(oid)[0] == "ftpAuthTargetName"]
            assert {t["name"] for t in few} <= set(names)
            sizes.add(len(names))
    finally:
        over.set()
        thread.join()
    assert len(sizes) >= 2, "the table never changed under the walks"
    assert d.process.poll() is None
    d.configure(many)
    d.reload()
    assert len(master.client.column(contract("ftpAuthTargetName"))) == len(many)
