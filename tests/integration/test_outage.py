# SPDX-License-Identifier: ISC
"""The agent's own network fails: a test of `make soak`, shortened to the half minute for which the
agent doubts."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "soak"))

import outage


def test_cable_is_pulled():
    reason = outage.why_not()
    if reason:
        pytest.skip("no network namespaces: " + reason)
    outage.run(outage.short)
