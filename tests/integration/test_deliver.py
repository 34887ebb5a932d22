# SPDX-License-Identifier: ISC
"""Nothing is lost, doubled or left open: the tests of `make soak`, shortened."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "soak"))

import hung_master
import kill9


def test_kill_9():
    soak = kill9.run(rounds=25)
    assert soak.counts["kills"] == 25 and soak.counts["looks at what lasted"] >= 3


def test_master_hangs_while_all_fail():
    hung_master.run(targets=300, interval=2, storm=20, freeze=5, end_storm=True)
