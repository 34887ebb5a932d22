# SPDX-License-Identifier: ISC
"""ftphealthd as an agent by itself: no snmpd anywhere."""
import contextlib
import glob
import os
import socket

import pytest

import rig
from rig import target
from values import oid_key

V3_USER = """
createUser reader SHA authpass123 AES privpass123
rouser reader priv
rocommunity public 127.0.0.1
rwcommunity private 127.0.0.1
"""


def watching(daemon, ftp, snmp=V3_USER):
    d = daemon([target("good", ftp("good"), index=1), target("bad", ftp("q269241"), index=2)],
               listen=rig.free_port(), snmp=snmp).start()
    rig.wait_until(lambda: d.manager.status().endswith("1 ok, 1 refused"), "both to be probed")
    return d


def test_walk(daemon, ftp, contract):
    d = watching(daemon, ftp)
    walk = d.client.walk(contract.base)
    keys = [oid_key(oid) for oid, _ in walk]
    assert keys == sorted(set(keys))
    assert [oid for oid, _ in d.client.bulkwalk(contract.base)] == [oid for oid, _ in walk]
    assert d.client.column(contract("ftpAuthStatusState")) == {"1": 1, "2": 4}
    assert d.client.column(contract("ftpAuthStatusReplyCode")) == {"1": 230, "2": 530}
    last = walk[-1][0]
    following, value = d.client.getnext(last)[0]
    assert not following.startswith(contract.base + ".") or value.type == "endOfMibView"
    assert "notWritable" in d.writer.set(contract("ftpAuthStatusState", 1), "i", 1)
    # The system group and the module's line in sysORTable are there as on any agent.
    assert d.client.answers(".1.3.6.1.2.1.1.3.0")
    assert contract.base in [v.value for _, v in d.client.bulkwalk(".1.3.6.1.2.1.1.9.1.2")]


def test_v3(daemon, ftp, contract):
    d = watching(daemon, ftp)
    assert d.v3.get(contract("ftpAuthSummaryTotal"))[0].value == 2
    wrong = rig.Client(d.netsnmp, d.client.where, tuple(
        "wrongpass123" if word == "authpass123" else word for word in rig.V3))
    code, _, error = wrong.run("snmpget", contract("ftpAuthSummaryTotal"))
    assert code != 0 and "uthentication failure" in error
    # The key is stored, so that the user is known to the next start too.
    assert d.stop() == 0
    d.start()
    assert d.v3.get(contract("ftpAuthSummaryTotal"))[0].value == 2


def test_no_access_by_default(daemon, ftp, contract):
    """Without a line on access this host may read our objects with one community, others not."""
    d = watching(daemon, ftp, snmp="# nothing\n")
    stranger = rig.Client(d.netsnmp, d.client.where, rig.V2C, timeout=1, retries=0)
    assert not stranger.answers(contract("ftpAuthSummaryTotal"))
    local = rig.Client(d.netsnmp, d.client.where, ("-v2c", "-c", "ftphealth"))
    assert local.value(contract("ftpAuthSummaryTotal")) == 2
    assert local.set(contract("ftpAuthStatusState", 1), "i", "1") != ""
    assert "ftphealth" in d.log


def test_address_in_use(daemon, ftp):
    """Said at once, with the address; and no half-started agent stays."""
    d = daemon([target("good", ftp("good"))], listen=rig.free_port())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", d.listen))
        d.start(ready=False)
        assert d.process.wait(rig.PATIENCE) not in (0, None)
    assert str(d.listen) in d.log
    assert not d.manager.count("READY=1")


@pytest.mark.parametrize("address", ["tcp:127.0.0.1:%d", "udp6:[::1]:%d"])
def test_transports(daemon, ftp, contract, address):
    if "::1" in address:
        try:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
                s.bind(("::1", 0))
        except OSError as e:
            pytest.skip("no IPv6 on this machine: %s" % e.strerror)
    where = address % rig.free_port()
    d = daemon([target("good", ftp("good"))], options=("--listen", where))
    (d.netsnmp.conf / "ftphealthd.conf").write_text("rocommunity public 127.0.0.1\n"
                                                    "rocommunity6 public ::1\n")
    d.start()
    client = rig.Client(d.netsnmp, where)
    assert client.value(contract("ftpAuthSummaryTotal")) == 1


def test_nothing_of_snmpd_is_needed(daemon, ftp, contract):
    """No snmpd, no MIB file, no port 199 or 705."""
    d = watching(daemon, ftp)
    with open("/proc/%d/net/tcp" % d.process.pid, encoding="ascii") as f:
        sockets = f.read()
    own = set()
    for fd in glob.glob("/proc/%d/fd/*" % d.process.pid):
        with contextlib.suppress(FileNotFoundError):  # it has been closed meanwhile
            own.add(os.readlink(fd))
    listening = [line.split() for line in sockets.splitlines()[1:] if line.split()[3] == "0A"]
    assert not [f for f in listening if "socket:[%s]" % f[9] in own], "a TCP port is open"
    assert "Cannot find module" not in d.log and "mibs" not in d.log.lower()
