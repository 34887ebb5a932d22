# SPDX-License-Identifier: ISC
"""Under another base, set by the configuration, all is as it is under the published one: what other
files test of reading, writing and notifying is tested here again, with and without snmpd."""
import pytest

import rig
from test_agentx import (  # pylint: disable=unused-import
    test_a_refused_target, test_by_name, test_everything_is_published, test_nothing_there,
    test_past_the_end, test_presence_in_sysortable, test_scalars, test_walk_in_order, view)
from test_listen import test_walk  # pylint: disable=unused-import
from test_notify import test_refused_while_unreachable, watch  # pylint: disable=unused-import
from test_set import manage, test_maintenance  # pylint: disable=unused-import

BASE = "1.3.6.1.4.1.32473.7"


@pytest.fixture(scope="module", autouse=True)
def base():
    """Every daemon of this file is configured with it."""
    before, rig.Daemon.TOP = rig.Daemon.TOP, {"oid-base": BASE}
    yield BASE
    rig.Daemon.TOP = before


@pytest.fixture(scope="module")
def contract():
    return rig.Contract("--oid-base", BASE)


def test_nothing_is_left_below_the_other(daemon, ftp, contract):
    published = rig.Contract()
    assert contract.base == "." + BASE != published.base
    d = daemon([rig.target("a", ftp("good"))], listen=rig.free_port()).start()
    assert d.client.value(contract("ftpAuthSummaryTotal")) == 1
    assert d.client.get(published("ftpAuthSummaryTotal"))[0].value is None


def test_the_command_line_goes_first(daemon, ftp):
    d = daemon([rig.target("a", ftp("good"))], listen=rig.free_port(),
               options=("--oid-base", "1.3.6.1.3.5")).start()
    assert d.client.value(rig.Contract("--oid-base", "1.3.6.1.3.5")("ftpAuthSummaryTotal")) == 1
    assert d.client.get(rig.Contract("--oid-base", BASE)("ftpAuthSummaryTotal"))[0].value is None
