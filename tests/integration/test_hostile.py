# SPDX-License-Identifier: ISC
"""Many servers that attack at once: no crash, no harm to other targets, no leak, nothing harmful
published. FTPHEALTH_HOSTILE is how many, FTPHEALTH_SEED makes it the same again."""
import json
import os
import pathlib
import random
import resource
import subprocess
import sys

import pytest

import hostile
import rig
from hostile import is_harmless
from rig import target

MANY = int(os.environ.get("FTPHEALTH_HOSTILE") or 400)
SEED = int(os.environ.get("FTPHEALTH_SEED") or random.SystemRandom().randrange(1 << 32))
GOOD = 20
ROUNDS = 4
INTERVAL = max(2, MANY // 400)  # seconds: the servers share one thread


@pytest.fixture(name="server")
def fixture_server():
    print("seed", SEED)
    wanted = 2 * MANY + 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < wanted:
        pytest.skip("%d descriptors are needed, there may be %d" % (wanted, hard))
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    with hostile.HostileServer(SEED) as server:
        yield server
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_many_at_once(daemon, ftp, server, contract):
    good = [ftp("good") for _ in range(GOOD)]
    d = daemon([target("good%d" % i, s) for i, s in enumerate(good)] +
               [dict(target("bad%d" % i, server), name="bad%d" % i) for i in range(MANY)],
               listen=rig.free_port(),
               defaults={"interval": "%ds" % INTERVAL, "timeout": "%ds" % (INTERVAL // 2)})
    d.top["max-concurrent"] = 2 * MANY
    d.show_log = False
    d.start()
    rig.wait_until(lambda: server.connections >= 2 * MANY, "two rounds",
                   limit=60 * INTERVAL)
    logins, early = [s.logins for s in good], rig.resident(d.process)
    before = server.connections
    rig.wait_until(lambda: server.connections >= before + ROUNDS * MANY, "more rounds",
                   limit=30 * ROUNDS * INTERVAL)
    names = d.client.column(contract("ftpAuthTargetName"))
    states = d.client.column(contract("ftpAuthStatusState"))
    changes = d.client.column(contract("ftpAuthCountStateChanges"))
    mine = [i for i, name in names.items() if name.startswith("good")]
    assert len(mine) == GOOD
    assert len({(states[i], changes[i]) for i in mine}) == 1, "they have just become good"
    for s, n in zip(good, logins):
        assert s.logins - n >= ROUNDS // 2, "the good are probed as often as the bad"
    if not rig.has_sanitizer():  # it keeps what was freed
        assert rig.resident(d.process) < 1.3 * early + 4096
    texts = d.client.column(contract("ftpAuthStatusReplyText")).values()
    assert len(set(texts)) > MANY // 10, "they have said something"
    assert [t for t in texts if not is_harmless(t) or len(t.encode()) > 255] == []
    assert [x for x in d.log.splitlines() if not is_harmless(x)] == []
    assert d.stop() == 0
    assert all(x.startswith("ftphealthd: ") for x in d.log.splitlines()), "none is forged"


def test_texts_longer_than_a_column(daemon, ftp, snmpd, receiver, contract):
    """Whole walks, and notifications, of what has room for 255 octets."""
    master = snmpd(sinks=receiver.sinks()).start()
    d = daemon([target("long", ftp("overflow"))], agentx=master.agentx)
    d.start()
    rig.wait_until(lambda: any(n.name(contract) == "ftpAuthLoginRefused" for n in receiver.received),
                   "the notification")
    rows = dict(master.client.walk(contract.base))
    texts = {contract.split(oid)[0]: v.value for oid, v in rows.items() if isinstance(v.value, str)}
    for name in ("ftpAuthStatusReplyText", "ftpAuthStatusUserReplyText", "ftpAuthStatusBanner"):
        assert 100 < len(texts[name].encode()) <= 255, name
    assert [t for t in texts.values() if not is_harmless(t) or len(t.encode()) > 255] == []
    assert all(len(line) < 1024 and is_harmless(line) for line in d.log.splitlines())


def test_swarm():
    """`make hostile`, shortened: all dialogues begin in the same moment."""
    fakeserver = pathlib.Path(os.environ.get("BUILDDIR") or rig.ROOT / "build", "tests/bench/fakeserver")
    if not fakeserver.exists():
        pytest.skip("%s is not built" % fakeserver)
    where = pathlib.Path(__file__).resolve().parents[1] / "hostile" / "run.py"
    p = subprocess.run([sys.executable, "-B", str(where), "--dialogues", "400", "--attacks", "2",
                        "--interval", "6", "--good", "40", "--good-interval", "4", "--rounds", "2",
                        "--workers", "2", "--later", "100", "--seed", str(SEED)],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                       timeout=10 * rig.PATIENCE)
    out = p.stdout.decode()
    print(out)
    assert p.returncode == 0 and out.endswith("hostile: ok\n")


def test_check(server):
    """A probe alone ends in one line of sense, whatever comes."""
    probes = [subprocess.Popen([rig.program("ftphealth"), "check", "--timeout", "1",
                                *(["--json"] if i % 2 else []), server.where],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE) for i in range(30)]
    for i, p in enumerate(probes):
        out, error = p.communicate(timeout=rig.PATIENCE)
        out = out.decode("utf-8")
        assert p.returncode in (0, 1, 2) and error == b"", (p.returncode, out, error)
        assert is_harmless(out.replace("\n", "")), out
        if i % 2:
            json.loads(out)
        else:
            assert out.count("\n") == 1, out
