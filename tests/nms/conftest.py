# SPDX-License-Identifier: ISC
"""Fixtures of the tests against whole monitoring systems; the daemons are those of
tests/integration."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import rig  # noqa: E402


@pytest.fixture(scope="session")
def contract():
    return rig.Contract()
