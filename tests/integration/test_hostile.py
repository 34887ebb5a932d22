# SPDX-License-Identifier: ISC
"""Many servers that attack at once: no crash, no harm to other targets, no leak, nothing harmful
published. FTPHEALTH_HOSTILE is how many, FTPHEALTH_SEED makes it the same again."""
import json
import os
import random
import resource
import subprocess
import unicodedata

import pytest

import hostile
import rig
from rig import target

MANY = int(os.environ.get("FTPHEALTH_HOSTILE") or 400)
SEED = int(os.environ.get("FTPHEALTH_SEED") or random.SystemRandom().randrange(1 << 32))
GOOD = 20
ROUNDS = 4
INTERVAL = max(2, MANY // 400)  # seconds: the servers share one thread
BIDI = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


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


def is_harmless(text):
    """No control character, and none that turns the direction of writing."""
    return all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") and
               unicodedata.bidirectional(c) not in BIDI for c in text)


def resident(process):
    with open("/proc/%d/status" % process.pid, encoding="ascii") as f:
        return int(next(line for line in f if line.startswith("VmRSS")).split()[1])


def has_sanitizer():
    with open(rig.program("ftphealthd"), "rb") as f:
        data = f.read()
    return b"__asan_init" in data or b"__tsan_init" in data


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
    logins, early = [s.logins for s in good], resident(d.process)
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
    if not has_sanitizer():  # it keeps what was freed
        assert resident(d.process) < 1.3 * early + 4096
    texts = d.client.column(contract("ftpAuthStatusReplyText")).values()
    assert len(set(texts)) > MANY // 10, "they have said something"
    assert [t for t in texts if not is_harmless(t) or len(t.encode()) > 255] == []
    assert [x for x in d.log.splitlines() if not is_harmless(x)] == []
    assert d.stop() == 0
    assert all(x.startswith("ftphealthd: ") for x in d.log.splitlines()), "none is forged"


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
