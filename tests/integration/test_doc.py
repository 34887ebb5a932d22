# SPDX-License-Identifier: ISC
"""Every command of doc/ does what its page says; page.py says how that is written."""
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

import nms
import page
import rig

DOC = rig.ROOT / "doc"
PLACE = str(pathlib.Path(__file__).with_name("place.py"))
PAGES = sorted(p.name for p in DOC.glob("*.md"))
SPACES = ["unshare", "--mount", "--net", "--uts", "--pid", "--mount-proc", "--fork", "--kill-child"]


def why_not():
    if os.geteuid() != 0:
        return "needs root to make a place for the commands"
    for program in ("unshare", "ip", "snmpd", "smbd", "curl"):
        if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            return "%s is not installed" % program
    p = subprocess.run([*SPACES, "sh", "-c", "mount -t tmpfs tmpfs /mnt && cd /mnt && mkdir u w r && "
                        "mount -t overlay overlay -o lowerdir=/,upperdir=u,workdir=w r"],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if p.returncode:
        return "no namespaces or no overlay: %s" % p.stdout.decode().strip()
    return None


def steps(name):
    return page.read_page((DOC / name).read_text("utf-8"))


WITH_COMMANDS = [n for n in PAGES if any(isinstance(s, page.Command) for s in steps(n))]


class Run:
    """One page, in a place of its own."""

    def __init__(self, name):
        self.folder = rig.temporary_folder()
        self.log = open(self.folder / "log", "w+b")
        (self.folder / "place").mkdir()
        build = os.environ.get("BUILDDIR") or str(pathlib.Path(rig.program("ftphealthd")).parent)
        self.process = subprocess.Popen(
            [*SPACES, "/usr/bin/python3", "-B", PLACE, str(DOC / name), str(self.folder / "place")],
            env=dict(os.environ, BUILDDIR=build, SRCDIR=str(rig.ROOT)), stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log)

    def finish(self):
        """(exit code, what was done and printed)"""
        self.process.wait(timeout=240)
        self.log.seek(0)
        return self.process.returncode, self.log.read().decode("utf-8", "replace")

    def close(self):
        rig.end_process(self.process, signal.SIGKILL)
        self.log.close()
        rig.remove_folder(self.folder)


@pytest.fixture(scope="session", name="runs")
def make_runs():
    """All pages at the same time, as they mostly wait."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    runs = {name: Run(name) for name in WITH_COMMANDS if not missing(name)}
    yield runs
    for run in runs.values():
        run.close()


def missing(name):
    """The packages that a page needs and that were not fetched."""
    wanted = [word for s in steps(name) if isinstance(s, page.World) and s.words[0] == "packages"
              for word in s.words[1:]]
    return ", ".join(word for word in wanted if not nms.unpacked(word, "."))


@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_page(runs, name):
    if missing(name):
        pytest.skip("%s: not fetched by scripts/fetch-nms" % missing(name))
    code, log = runs[name].finish()
    print(log)
    assert code == 0


@pytest.mark.parametrize("name", PAGES)
def test_links(name):
    """To a file of the tree, and to a heading of its page."""
    def anchor(heading):
        return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")

    for target in re.findall(r"\]\(([^)\s]+)\)", (DOC / name).read_text("utf-8")):
        if "://" in target:
            continue
        path, _, fragment = target.partition("#")
        there = DOC / (path or name)
        assert there.exists(), target
        if fragment:
            headings = re.findall(r"^#+ (.*)$", there.read_text("utf-8"), re.M)
            assert fragment in map(anchor, headings), target


def test_the_index_has_all_pages():
    index = (DOC / "README.md").read_text("utf-8")
    assert [n for n in PAGES if n != "README.md" and "(%s)" % n not in index] == []


def test_all_notifications_are_explained(contract):
    """The table of trap-arrived.md is what the MIB says."""
    of = {(kind, name): rest for kind, name, *rest in contract.rows}
    clears = {rest[1]: name for (kind, name), rest in of.items() if kind == "clears"}
    wanted = {}
    for name in contract.of_kind("notification"):
        if ("clears", name) not in of:
            end = clears.get(name)
            wanted[name] = (contract.oids[name].rsplit(".")[-1], of["severity", name][1], "%s, %s" % (
                contract.oids[end].rsplit(".")[-1], end) if end else "nothing, it is no alarm")
    rows = re.findall(r"^\| (\d+) \| \[(\w+)\]\([^)]*\) \| (\w+) \| (.*) \|$",
                      (DOC / "trap-arrived.md").read_text("utf-8"), re.M)
    assert {name: (number, severity, end) for number, name, severity, end in rows} == wanted
