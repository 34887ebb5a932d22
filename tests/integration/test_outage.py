# SPDX-License-Identifier: ISC
"""The agent's own network fails: a test of `make soak`, shortened to the half minute for which the
agent doubts."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "soak"))

import outage
import rig
from ftpserver import HANG, script


def test_cable_is_pulled():
    reason = outage.why_not()
    if reason:
        pytest.skip("no network namespaces: " + reason)
    outage.run(outage.short)


def test_moved_while_in_doubt(daemon, ftp, contract):
    """The failure was that of the place before: nothing is told of the new one."""
    hung, slow = ftp(script((HANG,))), ftp(script((HANG,)))
    a = rig.target("a", hung, index=1, timeout="500ms", interval="1s")
    others = [rig.target(name, slow, timeout="20s", interval="60s") for name in "bc"]
    d = daemon([a, *others], listen=rig.free_port())
    d.start()
    rig.wait_until(lambda: hung.done, "its time-out")
    d.configure([dict(a, **{"port": ftp("good").port}), *others])
    d.reload()
    rig.wait_until(lambda: d.client.value(contract("ftpAuthStatusState", 1)) == 1, "a good login")
    assert d.client.value(contract("ftpAuthCountAlarmsRaised", 1)) == 0
    assert d.client.value(contract("ftpAuthAlarmsActive")) == 0


def test_doubt_ends(daemon, ftp, contract):
    """One that is silent while the others are not asked is believed after the longest time-out."""
    server, steady = ftp("good"), ftp("good")
    others = [rig.target(name, steady, timeout="1500ms", interval="60s") for name in "bc"]
    snmp = "rwcommunity private 127.0.0.1\nrocommunity public 127.0.0.1\n"
    d = daemon([rig.target("a", server, index=1, timeout="400ms", interval="1s"), *others],
               listen=rig.free_port(), snmp=snmp)
    d.start()
    for i in (2, 3):
        d.writer.set(contract("ftpAuthTargetProbeNow", i), "i", "2")
    rig.wait_until(lambda: d.manager.status().endswith("3 ok"), "all to be good")
    server.behave(script((HANG,)))
    rig.wait_until(lambda: d.client.value(contract("ftpAuthStatusState", 1)) == 5, "the alarm")
    assert d.client.value(contract("ftpAuthCountAlarmsRaised", 1)) == 1
    assert d.client.value(contract("ftpAuthAgentOutage")) == 2
