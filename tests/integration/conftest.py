# SPDX-License-Identifier: ISC
"""Fixtures: each ends what it started."""
import pytest

import ftpserver
import realservers
import rig


def closing(make):
    """A fixture's body: a factory whose products are closed in reverse."""
    made = []

    def factory(*arguments, **keys):
        made.append(make(*arguments, **keys))
        return made[-1]

    yield factory
    errors = []
    for thing in reversed(made):
        try:
            thing.close()
        except AssertionError as e:
            errors.append(e)
    if errors:
        raise errors[0]


@pytest.fixture(scope="session")
def contract():
    return rig.Contract()


@pytest.fixture
def ftp():
    yield from closing(ftpserver.FtpServer)


@pytest.fixture
def snmpd():
    yield from closing(rig.Snmpd)


@pytest.fixture
def receiver():
    r = rig.TrapReceiver()
    yield r
    r.close()


@pytest.fixture
def daemon():
    yield from closing(rig.Daemon)


@pytest.fixture
def real_server():
    def make(name, variant="open"):
        reason = realservers.why_not(name)
        if reason:
            pytest.skip(reason)
        return realservers.RealServer(name, variant)
    yield from closing(make)
