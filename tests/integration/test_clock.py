# SPDX-License-Identifier: ISC
"""The time of day is set: a test of `make soak`, shortened."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "soak"))

import clocks


def test_time_of_day_is_set():
    clocks.run(clocks.SHORT)
