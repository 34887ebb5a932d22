# SPDX-License-Identifier: ISC
"""ftphealth status, history, alarms and events: from stores of every sort, and beside a daemon."""
import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import sqlite3
import stat
import struct
import subprocess
import termios
import time

import pytest

import rig
from rig import run_ftphealth, target

OK, AT_RISK, DEGRADED, REFUSED, UNREACHABLE, UNKNOWN, DISABLED = range(1, 8)
STATES = ("ok", "atRisk", "degraded", "refused", "unreachable", "unknown", "disabled")
LOGIN_REFUSED, TIMEOUT = 2, 6                       # FtpAuthOutcome
NONE, MODULE_MISSING, TIMED_OUT = 1, 3, 21          # FtpAuthDiagnosis
CRITICAL, CLEARED = 6, 1                            # FtpAuthSeverity
REPLY = "User anonymous cannot log in."
NOW = int(time.time() * 1e6)
DAY = 86400 * 1000000                               # ages in days: no test is slow enough to see them grow


class Store:
    """A store as the daemon made it, filled by SQL."""

    def __init__(self, template, path):
        self.path = pathlib.Path(path)
        shutil.copy(template, self.path)
        self.db = sqlite3.connect(str(self.path), isolation_level=None)

    def insert(self, table, **values):
        self.db.execute("INSERT INTO %s (%s) VALUES (%s)" % (
            table, ", ".join(values), ", ".join("?" * len(values))), list(values.values()))

    def target(self, index, name, state=None, host="192.0.2.7", port=21, watched=1, **keys):
        self.insert("target", name=name, idx=index, host=host, port=port, watched=watched)
        if state is None:
            return self
        values = dict(
            target=index, state=state, outcome=1, diagnosis=NONE, confidence=0, reply_code=230,
            reply_text="User logged in.", total_usec=41260, fail_streak=0, flapping=0, admin=1,
            since=NOW - 9 * DAY, probe_time=NOW - 5 * DAY, ok_time=NOW - 5 * DAY, number=1)
        if state == REFUSED:
            values.update(outcome=LOGIN_REFUSED, diagnosis=MODULE_MISSING, confidence=95,
                          reply_code=530, reply_text=REPLY, fail_streak=3, ok_time=NOW - 9 * DAY)
        if state == UNREACHABLE:
            values.update(outcome=TIMEOUT, diagnosis=TIMED_OUT, confidence=80, reply_code=0,
                          reply_text="", total_usec=15000000, fail_streak=1, ok_time=0)
        self.insert("state", **dict(values, **keys))
        return self

    def alarm(self, number, index=1, name="iis4", **keys):
        self.insert("alarm", **dict(dict(
            id=number, kind=1, severity=CRITICAL, target=index, name=name, time=NOW - 9 * DAY,
            diagnosis=MODULE_MISSING, reply_code=530, text="anonymous login refused",
            remedy="Reinstall it.", told=1), **keys))

    def event(self, number, index=1, name="iis4", **keys):
        self.insert("event", **dict(dict(
            seq=number, time=NOW - (1000 - number) * DAY, kind=1, severity=CRITICAL, from_state=OK,
            to_state=REFUSED, alarm=7, target=index, name=name, diagnosis=MODULE_MISSING,
            reply_code=530, text="anonymous login refused", sync_from=0, count=0, sent=1), **keys))

    def probe(self, number, index=1, ms=40, **keys):
        values = dict(target=index, number=number, time=NOW - (1000 - number) * DAY, outcome=1,
                      stage=1, reply_code=230, reply_text="in", total_usec=ms * 1000, state=OK,
                      diagnosis=NONE)
        if not ms:
            values.update(outcome=LOGIN_REFUSED, stage=8, reply_code=530, reply_text=REPLY,
                          total_usec=3000000, state=REFUSED, diagnosis=MODULE_MISSING)
        self.insert("history", **dict(values, **keys))

    def close(self):
        """As a daemon that was stopped: the log is in the file, nothing lies beside it."""
        self.db.close()
        beside = [p.name for p in self.path.parent.glob(self.path.name + "-*")]
        assert not beside, beside
        return self

    def run(self, *arguments, **keys):
        command, *rest = arguments
        return run_ftphealth(command, "--store", str(self.path), *rest, **keys)

    def json(self, *arguments):
        code, out, err = self.run(arguments[0], "--json", *arguments[1:])
        assert err == ""
        return code, json.loads(out)

    def terminal(self, *arguments, width=80, **environment):
        """The same on a terminal of its own: what comes out of it."""
        env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
        env.update(dict({"TERM": "xterm", "LC_ALL": "C"}, **environment))
        parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        command, *rest = arguments
        with subprocess.Popen([rig.program("ftphealth"), command, "--store", str(self.path), *rest],
                              stdin=subprocess.DEVNULL, stdout=child, stderr=child, env=env) as p:
            os.close(child)
            out = b""
            while True:
                try:
                    data = os.read(parent, 65536)
                except OSError:  # EIO: the other side was closed
                    break
                if not data:
                    break
                out += data
            os.close(parent)
        assert p.returncode in (0, 1, 2, 3), out
        return out.decode("utf-8").replace("\r\n", "\n")


@pytest.fixture(scope="module", name="template")
def make_template():
    """An empty store, made by the daemon itself."""
    d = rig.Daemon([], listen=rig.free_port())
    d.start()
    assert d.stop() == 0
    with sqlite3.connect(str(d.folder / "state.db")) as db:
        db.execute("DELETE FROM event")
    db.close()
    yield d.folder / "state.db"
    d.close()


@pytest.fixture(name="folder")
def make_folder():
    folder = rig.temporary_folder()
    yield folder
    folder.chmod(0o700)
    rig.remove_folder(folder)


@pytest.fixture(name="store")
def make_store(template, folder):
    s = Store(template, folder / "state.db")
    yield s
    s.db.close()


def fill(store):
    """One of each; their names are not in the order of their states."""
    for i, state in enumerate((OK, AT_RISK, DEGRADED, REFUSED, UNREACHABLE, UNKNOWN, DISABLED), 1):
        store.target(i, "ftp%d" % i, state)
    store.target(8, "a-good-one", OK, port=2121)
    return store


def rows(out):
    """The lines under the titles, as words."""
    lines = out.split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("NAME"))
    return [line.split() for line in lines[at + 1:] if line]


# ------------------------------------------------------------------ status

def test_status_lists_the_worst_first(store):
    code, out, err = fill(store).run("status")
    assert (code, err) == (2, "")
    assert out.split("\n")[0] == ("8 targets: 1 refused, 1 unreachable, 1 atRisk, 1 degraded, 1 unknown, "
                                  "2 ok, 1 disabled; latest probe 5d ago")
    assert [r[:2] for r in rows(out)] == [
        ["ftp4", "refused"], ["ftp5", "unreachable"], ["ftp2", "atRisk"], ["ftp3", "degraded"],
        ["ftp6", "unknown"], ["a-good-one", "ok"], ["ftp1", "ok"], ["ftp7", "disabled"]]
    assert rows(out)[0][2:6] == ["9d", "530", "41.3ms", "5d"]
    assert rows(out)[1][2:6] == ["9d", "-", "15.0s", "5d"]
    assert out.split("\n")[2].endswith("subAuthModuleMissing,95%  " + REPLY)
    assert out.split("\n")[3].endswith("timedOut,80%              timeout")


@pytest.mark.parametrize("states,code", [
    ((OK, OK), 0), ((OK, DISABLED), 0), ((DISABLED,), 0), ((OK, AT_RISK), 1), ((DEGRADED, UNKNOWN), 1),
    ((AT_RISK, REFUSED), 2), ((UNREACHABLE,), 2), ((OK, UNKNOWN), 3), ((), 3)])
def test_status_ends_as_a_plugin_does(store, states, code):
    for i, state in enumerate(states, 1):
        store.target(i, "ftp%d" % i, state)
    assert store.run("status")[0] == code
    assert store.json("status")[0] == code


def test_a_target_without_a_probe_is_unknown(store):
    store.target(1, "new")
    code, out, _ = store.run("status")
    assert code == 3
    assert rows(out) == [["new", "unknown", "-", "-", "-", "-", "-", "-"]]


def test_a_target_that_went_is_not_shown(store):
    store.target(1, "here", OK).target(2, "gone", watched=0)
    assert [r[0] for r in rows(store.run("status")[1])] == ["here"]
    code, out, err = store.run("status", "gone")
    assert (code, out) == (66, "")
    assert "there is no target gone" in err


def test_status_of_some(store):
    code, out, _ = fill(store).run("status", "ftp1", "ftp2")
    assert code == 1
    assert out.startswith("2 targets: 1 atRisk, 1 ok;")
    assert [r[0] for r in rows(out)] == ["ftp2", "ftp1"]
    assert store.run("status", "ftp1", "nobody", "ftp2")[0] == 66


def test_status_of_those_that_fail(store):
    code, out, _ = fill(store).run("status", "--failing")
    assert code == 2
    assert out.startswith("8 targets: ")
    assert [r[0] for r in rows(out)] == ["ftp4", "ftp5", "ftp2", "ftp3", "ftp6"]


def test_a_daemon_that_was_stopped(store):
    store.target(1, "a", OK)
    store.event(999, 0, "", kind=17, alarm=0, text="stopping")
    assert store.run("status")[1].startswith(
        "1 target: 1 ok; latest probe 5d ago; the daemon was stopped 1d ago\n")
    assert store.json("status")[1]["daemon_stopped"]
    store.event(1000, 0, "", kind=16, alarm=0, text="started")
    assert store.run("status")[1].startswith("1 target: 1 ok; latest probe 5d ago\n")
    assert store.json("status")[1]["daemon_stopped"] is None


def test_nothing_fails(store):
    code, out, _ = store.target(1, "ftp1", OK).run("status", "--failing")
    assert code == 0
    assert out.startswith("1 target: 1 ok;") and out.count("\n") == 1


def test_flapping_and_maintenance_are_said(store):
    store.target(1, "a", REFUSED, flapping=1).target(2, "b", OK, admin=2)
    assert [r[1] for r in rows(store.run("status")[1])] == ["refused/flapping", "ok/maintenance"]
    assert "flapping" in store.run("status", "a")[1]
    assert "maintenance" in store.run("status", "b")[1]


def test_status_of_one_tells_all(store):
    store.target(4, "iis4", REFUSED, port=2121).target(5, "other", REFUSED)
    store.alarm(7, 4)
    store.alarm(8, 5, "other")
    for n in range(1, 15):
        store.event(n, 4 if n != 9 else 5, text="event number %d." % n)
    code, out, _ = store.run("status", "iis4")
    assert code == 2
    for words in ("192.0.2.7:2121", "refused for 9d, since 20", "530 " + REPLY,
                  "loginRefused, took 41.3ms, failed 3 times in a row",
                  "subAuthModuleMissing, 95%: password synchronization is on",
                  "Turn off automatic password synchronization", "Q269241", "open alarms",
                  "anonymous login refused", "event number 14.", "event number 4."):
        assert words in out, out
    assert "event number 9." not in out and "event number 3." not in out and "other" not in out
    code, one = store.json("status", "iis4")
    assert code == 2
    assert (one["name"], one["index"], one["port"], one["state"]) == ("iis4", 4, 2121, "refused")
    assert one["reference"] == "Q269241" and one["remedy"]
    assert [a["alarm"] for a in one["alarms"]] == [7]
    assert [e["sequence"] for e in one["events"]] == [4, 5, 6, 7, 8, 10, 11, 12, 13, 14]


def test_an_ipv6_address_is_in_brackets(store):
    store.target(1, "six", OK, host="2001:db8::1")
    assert "[2001:db8::1]:21" in store.run("status", "six")[1]


def test_status_in_json(store):
    code, status = fill(store).json("status")
    assert code == 2
    assert status["service"] == "critical"
    assert status["totals"] == dict({"total": 8}, **{s: 2 if s == "ok" else 1 for s in STATES})
    assert [t["state"] for t in status["targets"]] == [
        "refused", "unreachable", "atRisk", "degraded", "unknown", "ok", "ok", "disabled"]
    worst = status["targets"][0]
    assert (worst["name"], worst["service"], worst["reply_code"], worst["reply_text"], worst["diagnosis"],
            worst["confidence"], worst["total_us"], worst["outcome"], worst["flapping"], worst["admin"]) == (
                "ftp4", "critical", 530, REPLY, "subAuthModuleMissing", 95, 41260, "loginRefused", False,
                "enabled")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", worst["since"])
    assert status["targets"][1]["logged_in"] is None


# ------------------------------------------------------------------ tables

def test_columns_are_aligned_and_nothing_is_cut_in_a_pipe(store):
    long = "x" * 160
    store.target(1, "a", REFUSED, reply_text=long).target(2, "a-longer-name", OK).target(3, "b", UNREACHABLE)
    out = store.run("status")[1]
    assert long in out and "..." not in out and "\033" not in out
    lines = out.split("\n")[1:-1]
    for title in ("STATE", "CAUSE", "TEXT"):  # to the left
        at = lines[0].index(title)
        for line in lines[1:]:
            assert line[at - 2:at] == "  " and line[at:at + 1] != " ", out
    for title in ("SINCE", "CODE", "TIME", "LAST-PROBE"):  # to the right
        end = lines[0].index(title) + len(title)
        for line in lines[1:]:
            assert line[end - 1] != " " and line[end:end + 2] == "  ", out
    assert not [line for line in lines if line != line.rstrip()]


def test_without_header(store):
    fill(store)
    store.alarm(7)
    store.event(1)
    store.probe(1)
    for arguments in (("status",), ("alarms",), ("events",), ("history", "ftp1")):
        whole, bare = (store.run(*arguments, *more)[1] for more in ((), ("--no-header",)))
        assert [line.split() for line in bare.split("\n")[:-1]] == [
            line.split() for line in whole.split("\n")[-1 - bare.count("\n"):-1]]
        assert not re.search(r"NAME|TIME|open|targets|login time", bare), bare


def test_a_terminal_gets_colour_and_its_width(store):
    store.target(1, "a", REFUSED, reply_text="x" * 160).target(2, "b", OK).target(3, "c", AT_RISK)
    for width in (70, 80, 120):
        out = store.terminal("status", width=width)
        assert "\033[31mrefused\033[0m" in out and "\033[32mok\033[0m" in out and "\033[33matRisk\033[0m" in out
        plain = re.sub(r"\033\[[0-9;]*m", "", out)
        assert "\033" not in plain
        lines = plain.split("\n")[1:]
        assert max(len(line) for line in lines) == width, plain
        assert "xxx..." in plain
    assert "xxx..." not in store.terminal("status", width=300)


@pytest.mark.parametrize("environment,colour", [
    ({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False),
    ({"TERM": ""}, False)])
def test_who_wants_no_colour_gets_none(store, environment, colour):
    store.target(1, "a", REFUSED)
    store.alarm(7)
    store.event(1)
    store.probe(1, ms=0)
    for arguments in (("status",), ("status", "a"), ("alarms",), ("events",), ("history", "a")):
        out = store.terminal(*arguments, **environment)
        assert ("\033[" in out) == colour
        assert "refused" in out.lower() or "critical" in out


def test_colour_takes_nothing_from_the_words(store):
    fill(store)
    plain, coloured = (store.terminal("status", NO_COLOR=no) for no in ("1", ""))
    assert re.sub(r"\033\[[0-9;]*m", "", coloured) == plain


def test_foreign_text_is_harmless(store):
    evil = "\033]0;owned\007\nok\r\t\x9b31m"
    store.target(1, "a", REFUSED, reply_text=evil)
    store.alarm(7, 1, "a", text=evil, remedy=evil)
    store.event(1, 1, "a", text=evil)
    store.probe(1, reply_text=evil)
    for arguments in (("status",), ("status", "a"), ("alarms",), ("events",), ("history", "a"),
                      ("status", "--json"), ("events", "--json")):
        out = store.run(*arguments, env=dict(os.environ, LC_ALL="C"))[1]
        assert re.fullmatch(r"[\n -~]*", out), repr(out)
        assert r"\x1B]0;owned" in out.replace("\\\\", "\\")


def test_numbers_of_a_later_version_are_borne(store):
    store.target(1, "a", 99, outcome=99, diagnosis=9999, admin=99)
    store.alarm(7, 1, "a", kind=99, severity=99, diagnosis=9999)
    store.event(1, 1, "a", kind=999, severity=99, from_state=99, to_state=99, diagnosis=9999)
    store.probe(1, outcome=99, stage=99, state=99, diagnosis=9999)
    for arguments in (("status",), ("status", "a")):
        assert store.run(*arguments)[0] == 3
        assert store.json(*arguments)[0] == 3
    for arguments in (("alarms",), ("events",), ("history", "a")):
        assert store.run(*arguments)[0] == 0
        assert store.json(*arguments)[0] == 0


def test_ten_thousand_targets(store):
    store.db.execute("BEGIN")
    for i in range(1, 10001):
        store.target(i, "ftp-%05d" % i, REFUSED if i % 10 == 0 else OK)
    store.db.execute("COMMIT")
    code, out, _ = store.run("status")
    assert code == 2
    assert out.startswith("10000 targets: 1000 refused, 9000 ok;")
    names = [r[0] for r in rows(out)]
    assert len(names) == 10000 and names[0] == "ftp-00010" and names[1000] == "ftp-00001"
    assert len(store.json("status")[1]["targets"]) == 10000


# ------------------------------------------------------------------ alarms and events

def test_alarms(store):
    code, out, _ = store.run("alarms")
    assert (code, out) == (0, "0 alarms open\n")
    assert store.json("alarms") == (0, [])
    store.target(1, "iis4", REFUSED).target(2, "b", AT_RISK)
    store.alarm(7, 2, "b", kind=3, severity=3, told=0)
    store.alarm(8)
    store.alarm(9, 0, "", kind=7, reply_code=0, diagnosis=NONE, text="12 of 20 targets fail")
    code, out, _ = store.run("alarms")
    lines = out.split("\n")
    assert code == 0 and lines[0] == "3 alarms open"
    assert lines[2].split() == ["8", "critical", "iis4", "loginRefused", "9d", "530",
                                "subAuthModuleMissing", "yes", "anonymous", "login", "refused"]
    assert lines[3].split()[:6] == ["9", "critical", "(agent)", "mass", "9d", "-"]
    assert lines[4].split()[:4] == ["7", "warning", "b", "atRisk"] and " no " in lines[4]
    assert [a["alarm"] for a in store.json("alarms")[1]] == [8, 9, 7]
    assert [a["alarm"] for a in store.json("alarms", "b")[1]] == [7]
    assert store.json("alarms")[1][1]["target"] is None
    assert store.run("alarms", "nobody")[0] == 66


def test_events(store):
    store.target(1, "iis4", OK).target(2, "b", OK)
    for n in range(1, 31):
        store.event(n, 1 + n % 2, ("iis4", "b")[n % 2])
    store.event(31, kind=2, severity=CLEARED, from_state=REFUSED, to_state=OK, sent=0)
    store.event(32, 0, "", kind=16, alarm=0, reply_code=0, diagnosis=NONE, text="started")
    everything = store.json("events", "-n", "1000")[1]
    assert [e["sequence"] for e in everything] == list(range(1, 33))
    assert [e["sequence"] for e in store.json("events")[1]] == list(range(13, 33))
    assert [e["sequence"] for e in store.json("events", "-n", "2")[1]] == [31, 32]
    assert [e["sequence"] for e in store.json("events", "-n", "2", "b")[1]] == [27, 29]
    recovered, started = everything[30:]
    assert (recovered["notification"], recovered["from"], recovered["to"], recovered["sent"],
            recovered["severity"]) == ("ftpAuthLoginRecovered", "refused", "ok", False, "cleared")
    assert (started["notification"], started["target"], started["alarm"]) == ("ftpAuthAgentStarted", None, None)
    lines = store.run("events", "-n", "2")[1].split("\n")
    assert re.match(r"   31  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  cleared   iis4     loginRecovered +7 +530", lines[1])
    assert "(agent)" in lines[2] and "agentStarted" in lines[2]
    # Event n is 1000 - n days old.
    assert [e["sequence"] for e in store.json("events", "--since", "975d")[1]][-7:] == list(range(26, 33))
    assert len(store.json("events", "--since", "2000-01-01")[1]) == 32
    assert len(store.json("events", "--since", "2000-01-01", "-n", "3")[1]) == 3
    assert store.json("events", "--since", "1s")[1] == []


# ------------------------------------------------------------------ history

def test_history(store):
    store.target(1, "iis4", OK).target(2, "b", OK)
    for n in range(1, 61):
        store.probe(n, ms=0 if n in (58, 59) else n)
    store.probe(1, 2)
    assert [p["number"] for p in store.json("history", "iis4")[1]] == list(range(11, 61))
    assert [p["number"] for p in store.json("history", "-n", "3", "iis4")[1]] == [58, 59, 60]
    assert len(store.json("history", "--since", "2000-01-01", "iis4")[1]) == 60
    failed = store.json("history", "-n", "2", "iis4")[1][0]
    assert (failed["outcome"], failed["stage"], failed["reply_code"], failed["state"], failed["total_us"],
            failed["diagnosis"]) == ("loginRefused", "password", 530, "refused", 3000000, "subAuthModuleMissing")
    code, out, _ = store.run("history", "-n", "4", "iis4")
    assert code == 0
    assert out.startswith("login time: min 57.0 ms, median 58.5 ms, max 60.0 ms; 2 of 4 probes failed\n")
    assert "    failed:  xx\n" in out
    table = out.split("\n\n")[1].split("\n")
    assert table[0].split() == ["TIME", "OUTCOME", "TOOK", "STAGE", "STATE", "CODE", "CAUSE", "TEXT"]
    assert [line.split()[2:5] for line in table[1:-1]] == [
        ["ok", "57.0ms", "none"], ["loginRefused", "3000.0ms", "password"],
        ["loginRefused", "3000.0ms", "password"], ["ok", "60.0ms", "none"]]


def test_history_is_plotted_as_the_locale_can(store):
    store.target(1, "a", OK)
    for n in range(1, 9):
        store.probe(n, ms=10 * n)
    blocks, plain = (store.run("history", "a", env=dict(os.environ, LC_ALL=locale))[1]
                     for locale in ("C.UTF-8", "C"))
    assert "\u2588" in blocks and "#" not in blocks
    assert "#" in plain and plain.isascii()


def test_history_fits_the_terminal(store):
    store.target(1, "a", OK)
    for n in range(1, 301):
        store.probe(n, ms=n % 70)
    for width in (60, 100, 200):
        out = re.sub(r"\033\[[0-9;]*m", "", store.terminal("history", "-n", "300", "a", width=width))
        plot = out.split("\n\n")[0].split("\n")[1:]
        assert max(len(line) for line in plot) == width, out


def test_history_of_no_probes(store):
    store.target(1, "a")
    assert store.run("history", "a")[:2] == (0, "a: no probes kept yet\n")
    assert store.json("history", "a") == (0, [])
    store.probe(1)
    assert store.run("history", "--since", "1s", "a")[:2] == (0, "a: no probes kept from that time\n")


def test_history_of_failures_alone(store):
    store.target(1, "a", REFUSED)
    for n in range(1, 4):
        store.probe(n, ms=0)
    assert store.run("history", "a")[1].startswith("no login worked: 3 of 3 probes failed\n    failed: xxx\n")


# ------------------------------------------------------------------ which store

def test_the_store_is_found_through_the_configuration(store, folder):
    store.target(1, "a", OK)
    config = folder / "ftphealth.yaml"
    for text in ("store: %s\n", "targets: [ { name: store, host: h } ]\n'store': \"%s\"\n",
                 "nonsense: { store: no, list: [ store, x ] }\nstore: %s\n",
                 "store: %s\ntargets: [ { no such key: 1 } ]\n}{ not YAML"):
        config.write_text(text % store.path)
        code, out, err = run_ftphealth("status", "-c", str(config))
        assert (code, err) == (0, ""), text
        assert out.startswith("1 target: 1 ok")


def test_a_configuration_that_cannot_be_read(folder):
    config = folder / "ftphealth.yaml"
    config.write_text("targets: [\nstore: }")
    code, _, err = run_ftphealth("status", "-c", str(config))
    assert code == 78
    assert "%s:2: " % config in err and "--store PATH" in err
    code, _, err = run_ftphealth("status", "-c", str(folder / "none.yaml"))
    assert code == 66
    assert "No such file" in err and "--store PATH" in err


def test_no_store(folder):
    for path in (folder / "none.db", folder / "no" / "folder.db"):
        for arguments in (("status",), ("history", "a"), ("alarms",), ("events",)):
            code, out, err = run_ftphealth(*arguments, "--store", str(path))
            assert (code, out) == (66, "")
            assert "the daemon has not run yet" in err and str(path) in err
    assert not list(folder.iterdir())


@pytest.mark.parametrize("damage,words", [
    (lambda p: p.write_bytes(b"this is no database" * 1000), "is damaged, or no store"),
    (lambda p: p.write_bytes(b""), "is empty, or no store"),
    (lambda p: p.write_bytes(p.read_bytes()[:5000]), "is damaged, or no store"),
    (lambda p: (p.unlink(), p.mkdir()), "is damaged, or no store"),
    (lambda p: (p.unlink(), os.mkfifo(p)), "is damaged, or no store"),
    (lambda p: p.write_bytes(p.read_bytes()[:100] + b"\xff" * (len(p.read_bytes()) - 100)),
     "is damaged, or no store")])
def test_a_damaged_store(store, damage, words):
    fill(store).close()
    damage(store.path)
    code, out, err = store.run("status")
    assert (code, out) == (74, "")
    assert words in err and err.count("\n") == 1


@pytest.mark.parametrize("version,words", [
    (4, "a later version"), (2, "an earlier version"), (0, "no store of ftphealthd")])
def test_a_store_of_another_version(store, version, words):
    store.db.execute("PRAGMA user_version=%d" % version)
    code, out, err = store.run("status")
    assert (code, out) == (74, "")
    assert words in err


def test_a_store_without_its_tables(store):
    store.db.execute("DROP TABLE history")
    store.target(1, "a", OK)
    assert store.run("status")[0] == 0
    code, _, err = store.run("history", "a")
    assert code == 74
    assert "no such table: history" in err


@pytest.mark.parametrize("arguments", [
    ("status", "--no-such-option"), ("status", "-n", "5"), ("status", "--since", "1h"), ("history",),
    ("history", "a", "b"), ("history", "--failing", "a"), ("history", "-n", "0", "a"),
    ("history", "-n", "five", "a"), ("history", "-n", "-5", "a"), ("history", "-n", "5x", "a"),
    ("alarms", "a", "b"), ("alarms", "-n", "5"), ("events", "--since", "soon"), ("events", "--since", ""),
    ("events", "-n", "1000001"), ("events", "a", "b"), ("status", "--store")])
def test_a_bad_command_line(arguments):
    code, out, err = run_ftphealth(*arguments)
    assert (code, out) == (64, "")
    assert "usage: ftphealth %s " % arguments[0] in err


@pytest.mark.parametrize("command", ["status", "history", "alarms", "events"])
def test_help(command):
    code, out, err = run_ftphealth(command, "--help")
    assert (code, err) == (0, "")
    assert out.startswith("usage: ftphealth %s " % command) and "--json" in out
    assert command in run_ftphealth("--help")[1]


# ------------------------------------------------------------------ while the daemon writes

def test_a_write_under_way_is_neither_seen_nor_waited_for(store):
    store.target(1, "a", OK)
    store.db.execute("BEGIN IMMEDIATE")
    store.target(2, "b", REFUSED)
    assert store.json("status")[1]["totals"]["total"] == 1
    store.db.execute("COMMIT")
    assert store.json("status")[1]["totals"]["total"] == 2


def test_what_a_killed_daemon_left_is_read(store, folder):
    """Committed, but only in the log yet."""
    store.target(1, "a", OK)
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.target(2, "b", REFUSED)
    left = folder / "left.db"
    shutil.copy(store.path, left)
    shutil.copy(str(store.path) + "-wal", str(left) + "-wal")
    code, out, _ = run_ftphealth("status", "--store", str(left))
    assert code == 2
    assert out.startswith("2 targets: 1 refused, 1 ok")


def snapshot(folder):
    return {p.name: (p.stat().st_mode, p.stat().st_uid, p.read_bytes()) for p in folder.iterdir()}


def test_the_store_is_never_changed(store, folder):
    fill(store).close()
    before = store.path.read_bytes()
    for arguments in (("status",), ("status", "ftp1"), ("history", "ftp1"), ("alarms",), ("events",)):
        store.run(*arguments)
        assert store.path.read_bytes() == before
        for beside in folder.glob("state.db-*"):
            assert beside.name == "state.db-shm" or beside.stat().st_size == 0


class Nobody:
    """The programs as a user who may look at the folder, but not write to it."""

    def __init__(self, folder):
        self.folder = folder
        self.program = shutil.copy(rig.program("ftphealth"), folder.parent / (folder.name + ".program"))
        os.chmod(self.program, 0o755)
        folder.chmod(0o555)

    def run(self, *arguments):
        keys = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        p = subprocess.run([self.program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, check=False, timeout=120, cwd="/", **keys)
        return p.returncode, p.stdout.decode(), p.stderr.decode()

    def close(self):
        os.unlink(self.program)


@pytest.fixture(name="nobody")
def make_nobody(folder):
    made = []

    def make():
        made.append(Nobody(folder))
        return made[-1]
    yield make
    for n in made:
        n.close()


@pytest.mark.parametrize("name", ["state.db", "a%20b?c#d&e=f.db"])
def test_a_folder_that_may_not_be_written_to(template, folder, nobody, name):
    """The daemon is stopped: nothing lies beside the file, and nothing can be put there."""
    store = fill(Store(template, folder / name)).close()
    store.path.chmod(0o444)
    before = snapshot(folder)
    code, out, err = nobody().run("status", "--store", str(store.path))
    assert (code, err) == (2, "")
    assert out.startswith("8 targets: ")
    assert snapshot(folder) == before


def test_a_log_that_may_not_be_used(template, folder, nobody):
    """A daemon was killed: its log would have to be read, and cannot be."""
    store = fill(Store(template, folder / "state.db"))
    left = folder / "left.db"
    shutil.copy(store.path, left)
    shutil.copy(str(store.path) + "-wal", str(left) + "-wal")
    store.db.close()
    for p in folder.iterdir():
        p.chmod(0o444)
    code, out, err = nobody().run("status", "--store", str(left))
    assert (code, out) == (66, "")
    assert "run it as root or as the user ftphealth" in err


def test_beside_a_writer_without_leave_to_write(store, folder, nobody):
    """The log and its index are there, of a daemon that runs, and may be read."""
    fill(store)
    for p in folder.iterdir():
        p.chmod(0o444)
    code, out, err = nobody().run("status", "--store", str(store.path))
    assert (code, err) == (2, "")
    assert out.startswith("8 targets: ")


def test_a_store_for_the_daemon_alone(store, nobody):
    fill(store).close()
    store.path.chmod(0o000 if os.geteuid() else 0o600)
    code, out, err = nobody().run("status", "--store", str(store.path))
    assert (code, out) == (66, "")
    assert "may not be read: run it as root or as the user ftphealth" in err
    assert stat.S_IMODE(store.path.stat().st_mode) in (0, 0o600)


# ------------------------------------------------------------------ the daemon itself

def test_beside_the_daemon(daemon, ftp):
    good, bad = ftp("good"), ftp("q269241")
    d = daemon([target("good", good), target("iis4", bad)], listen=rig.free_port())
    d.start()

    def ask(*arguments):
        command, *rest = arguments
        code, out, err = run_ftphealth(command, "--json", "-c", str(d.config), *rest)
        assert code in (0, 1, 2, 3), err
        return json.loads(out)

    def states():
        return {t["name"]: t["state"] for t in ask("status")["targets"]}

    rig.wait_until(lambda: states() == {"good": "ok", "iis4": "refused"}, "both states")
    rig.wait_until(lambda: len(ask("history", "iis4")) >= 3, "three probes")
    one = ask("status", "iis4")
    assert one["reply_code"] == 530 and one["port"] == bad.port
    assert [(a["kind"], a["told"]) for a in one["alarms"]] == [("loginRefused", True)]
    assert [a["name"] for a in ask("alarms")] == ["iis4"]
    numbers = [p["number"] for p in ask("history", "iis4")]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert {p["outcome"] for p in ask("history", "iis4")} == {"loginRefused"}
    assert all(p["total_us"] > 0 for p in ask("history", "good"))
    notifications = [e["notification"] for e in ask("events")]
    assert notifications[0] == "ftpAuthAgentStarted" and "ftpAuthLoginRefused" in notifications
    bad.behave("good")
    rig.wait_until(lambda: states()["iis4"] == "ok", "the recovery")
    assert ask("alarms") == []
    assert d.stop() == 0
    assert [e["notification"] for e in ask("events")][-2:] == ["ftpAuthLoginRecovered", "ftpAuthAgentStopping"]
    assert states() == {"good": "ok", "iis4": "ok"}
    assert ask("status")["daemon_stopped"]


def test_disabled_is_no_failure_any_more(daemon, ftp, contract):
    """By a manager or by the configuration, from the start or later, and over a restart."""
    server = ftp("q269241")

    def targets(**keys):
        return [target("iis4", server, index=1, **keys), target("off", server, index=2, enabled=False)]

    d = daemon(targets(), listen=rig.free_port(), snmp="rwcommunity private 127.0.0.1\n")

    def shows(code, state):
        def status():
            code, out, err = run_ftphealth("status", "--json", "-c", str(d.config))
            assert code in (0, 2, 3), err
            return code, {t["name"]: t["state"] for t in json.loads(out)["targets"]}
        rig.wait_until(lambda: status() == (code, {"iis4": state, "off": "disabled"}), state)

    def order(admin):
        assert d.writer.set(contract("ftpAuthTargetAdmin", 1), "i", admin) == ""

    def reload(**keys):
        d.configure(targets(**keys))
        d.reload()

    d.start()
    shows(2, "refused")
    order(3)
    shows(0, "disabled")
    assert d.stop() == 0
    d.start()
    shows(0, "disabled")
    order(1)
    shows(2, "refused")
    reload(enabled=False)
    shows(0, "disabled")
    reload()
    shows(2, "refused")
    assert d.stop() == 0
    d.configure(targets(enabled=False))
    d.start()
    shows(0, "disabled")
    assert "iis4" not in run_ftphealth("report", "--html", "--failing", "-c", str(d.config))[1]
