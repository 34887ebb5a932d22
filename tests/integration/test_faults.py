# SPDX-License-Identifier: ISC
"""Calls fail in turn: `make faults`, shortened to a spread of places that is the same each time, and
to those that once were told of a server or left one unwatched."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "faults"))

import run

# Calls of `ftphealth check` of which each place is tried: there are few, and each was a lie once.
CHECKED = ("epoll_ctl", "send", "recv", "calloc", "connect", "socket", "poll")
HOW = {"epoll_ctl": ["once", "after"]}
# Lives that once went wrong: a target that is never scheduled; a reload whose end is not seen; a
# configuration that is called bad; what the service manager is not told; a certificate that was
# called bad for lack of memory; tables of which the master knows nothing; a thread that is not woken for
# its end.
LIVES = ("reallocarray 1 once program", "reallocarray 2 once program", "reallocarray 3 once program",
         "write 1 once program", "write 2 once program", "write 3 once program",
         "write 4 once program", "open 1 once program", "malloc 1 once program",
         "realloc 2 once all", "realloc 3 once all", "realloc 4 once all",
         "sendmsg 1 once all", "sendmsg 2 once all", "sendmsg 3 once all",
         "malloc 5 once all daemon", "sendto 2 once all subagent", "sendto 3 once all subagent",
         "write 13 once program watchful", "write 14 once program watchful",
         "malloc 4 once all secure-check", "malloc 6 once all secure-check")


@pytest.fixture(scope="module")
def world():
    made = run.Run()
    made.baseline()
    yield made
    made.close()


def all_well(world, faults):
    troubles = world.try_all(faults, jobs=16)
    assert not troubles, "".join(troubles)


def test_nothing_watches_files(world):
    """What doc/security.md says: without inotify nothing is lost."""
    assert all(world.counts[kind]["inotify_init1"]["all"] == 0 for kind in run.LIVES)


def test_each_place_of_a_check(world):
    kind = "check of the good one"
    faults = [run.Fault(call, n, how, "all", run.CHECK) for call in CHECKED
              for n in range(1, world.counts[kind][call]["all"] + 1) for how in HOW.get(call, ["once"])]
    all_well(world, faults)
    assert world.hits[kind, "epoll_ctl"] >= 2, world.hits


def test_lives_that_went_wrong(world):
    all_well(world, [run.Fault.parse(text) for text in LIVES])


def test_a_spread(world):
    most = {"daemon": 8, "subagent": 6, "watchful": 6, run.CHECK: 12, run.SECURE: 6}
    all_well(world, run.choose(world, seed=7, each=6, most=most))
    for kind in run.LIVES:
        assert sum(n for (k, call), n in world.hits.items() if call and k == kind) >= 2, kind
