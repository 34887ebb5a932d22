# SPDX-License-Identifier: ISC
"""SIGHUP and --check-config."""
import contextlib
import os
import re
import signal
import sqlite3
import time

import pytest

from ftpserver import DATA_CLOSE, HANG, FtpServer, data, session
import rig
from rig import target


@pytest.fixture
def d(daemon):
    """A daemon on its own, not started yet."""
    return daemon(listen=rig.free_port())


def probed(d, text):
    rig.wait_until(lambda: d.manager.status().endswith(text), text)


def test_what_stays_keeps_its_state(d, ftp, contract):
    good, bad = ftp("good"), ftp("pass-530")
    targets = [target("good", good), target("bad", bad)]
    d.configure(targets)
    d.start()
    probed(d, "1 ok, 1 refused")
    rig.wait_until(lambda: good.logins >= 3, "a few logins")
    names = ["ftpAuthTargetName", "ftpAuthStatusState", "ftpAuthStatusSince",
             "ftpAuthCountStateChanges", "ftpAuthCountAlarmsRaised"]
    before = {n: d.client.column(contract(n)) for n in names}
    attempts = d.client.column(contract("ftpAuthCountAttempts"))
    d.configure([dict(t, description="new text") for t in reversed(targets)])
    d.reload()
    assert {n: d.client.column(contract(n)) for n in names} == before
    for index, n in d.client.column(contract("ftpAuthCountAttempts")).items():
        assert n >= attempts[index]
    assert set(d.client.column(contract("ftpAuthTargetDescr")).values()) == {"new text"}
    assert d.client.value(contract("ftpAuthAgentConfigLoads")) == 2
    logins = good.logins
    rig.wait_until(lambda: good.logins >= logins + 2, "probing to go on")
    assert d.log.count("bad: ") == 1, "the alarm is not raised again"


def test_targets_come_and_go(d, ftp, contract):
    a, b, c = ftp("good"), ftp("good"), ftp("pass-530")
    d.configure([target("a", a), target("b", b)])
    d.start()
    probed(d, "2 ok")
    first = {v: k for k, v in d.client.column(contract("ftpAuthTargetName")).items()}
    d.configure([target("b", b), target("c", c)])
    d.reload()
    probed(d, "1 ok, 1 refused")
    second = {v: k for k, v in d.client.column(contract("ftpAuthTargetName")).items()}
    assert set(second) == {"b", "c"} and second["b"] == first["b"]
    assert second["c"] not in first.values(), "an index is not used again"
    rig.wait_until(lambda: a.open == 0, "the last probe of a")
    logins, other = a.logins, b.logins
    rig.wait_until(lambda: b.logins >= other + 3, "probing to go on")
    assert a.logins == logins, "a is probed no more"
    assert d.client.value(contract("ftpAuthSummaryTotal")) == 2


def test_a_target_moves(d, ftp, contract):
    old, new = ftp("good"), ftp("pass-530")
    d.configure([target("t", old)])
    d.start()
    probed(d, "1 ok")
    attempts = d.client.value(contract("ftpAuthCountAttempts", 1))
    d.configure([target("t", new)])
    d.reload()
    probed(d, "1 refused")
    assert d.client.value(contract("ftpAuthTargetPort", 1)) == new.port
    assert d.client.value(contract("ftpAuthCountAttempts", 1)) > attempts


def test_probe_in_flight_of_a_target_that_goes(d, ftp, contract):
    """Its connection is given up, and what it might still say changes nothing."""
    hung, good = ftp("silent-user"), ftp("good")
    d.configure([target("hung", hung, interval="30s", timeout="30s"), target("good", good)])
    d.start()
    rig.wait_until(lambda: hung.open == 1, "the probe to hang", 60)
    d.configure([target("good", good)])
    d.reload()
    rig.wait_until(lambda: hung.open == 0, "the connection to be given up")
    probed(d, "Watching 1 target: 1 ok")


def test_what_is_asked_changes(d, ftp, contract):
    """A probe under way that asks for what is not wanted any more is given up for one that does not."""
    server = FtpServer(session("150 a", data(b"x"), DATA_CLOSE, "226 b", RETR=HANG))
    keys = {"interval": "10m", "timeout": "5m"}
    with server:
        d.configure([target("t", server, **{"after-login": {"command": "retr", "path": "/f"}}, **keys)])
        d.start()
        rig.wait_until(lambda: server.logins == 1, "the probe to hang")
        d.configure([target("t", server, **{"after-login": {"command": "list"}}, **keys)])
        d.reload()
        probed(d, "1 ok")
        assert server.logins == 2


BAD = "targets:\n  - { name: a, host: 127.0.0.1, prot: 2121 }\n"


def test_a_bad_file_changes_nothing(d, ftp, contract):
    server = ftp("good")
    d.configure([target("a", server)])
    d.start()
    probed(d, "1 ok")
    d.configure([], text=BAD)
    d.reload()
    assert re.search(r"%s:2: .*prot.*port" % re.escape(str(d.config)), d.log), d.log
    assert d.client.value(contract("ftpAuthAgentConfigResult")) == 3
    assert "prot" in d.client.value(contract("ftpAuthAgentConfigError"))
    assert d.client.value(contract("ftpAuthAgentConfigLoads")) == 1
    assert d.client.value(contract("ftpAuthTargetPort", 1)) == server.port
    logins = server.logins
    rig.wait_until(lambda: server.logins >= logins + 2, "probing to go on")
    rig.wait_until(lambda: d.client.value(contract("ftpAuthAgentState")) == 3, "impaired")
    os.unlink(d.config)
    d.reload()
    assert d.client.value(contract("ftpAuthAgentConfigResult")) == 3
    d.configure([target("a", server)])
    d.reload()
    assert d.client.value(contract("ftpAuthAgentConfigResult")) == 1
    assert d.client.value(contract("ftpAuthAgentConfigError")) == ""
    assert d.client.value(contract("ftpAuthAgentConfigLoads")) == 2
    rig.wait_until(lambda: d.client.value(contract("ftpAuthAgentState")) == 2, "running")


def test_drop_ins(d, ftp, contract):
    a, b = ftp("good"), ftp("pass-530")
    (d.folder / "targets.d").mkdir()
    d.configure([], text="""
store: %s/state.db
defaults: { interval: 1s, timeout: 1s }
targets: [ { name: a, host: 127.0.0.1, port: %d } ]
include: [ "targets.d/*.yaml" ]
""" % (d.folder, a.port))
    d.start()
    probed(d, "Watching 1 target: 1 ok")
    (d.folder / "targets.d/b.yaml").write_text(
        "targets: [ { name: b, host: 127.0.0.1, port: %d } ]\n" % b.port)
    d.reload()
    probed(d, "1 ok, 1 refused")
    (d.folder / "targets.d/c.yaml").write_text("targets:\n  - { name: b, host: 127.0.0.1 }\n")
    d.reload()
    assert "targets.d/c.yaml:2: " in d.log, "the second b is the fault, and is named"
    assert d.client.value(contract("ftpAuthSummaryTotal")) == 2
    (d.folder / "targets.d/c.yaml").unlink()
    (d.folder / "targets.d/b.yaml").unlink()
    d.reload()
    probed(d, "Watching 1 target: 1 ok")


def test_reloads_without_end(d, ftp):
    """A burst of SIGHUPs, with probes and farewells in flight, ends in good order."""
    servers = [ftp("slow"), ftp("no-quit"), ftp("silent-user")]
    d.configure([target("t%d" % i, s) for i, s in enumerate(servers * 5)])
    d.start()
    for n in (3, 15, 0, 7, 15, 1):
        d.configure([target("t%d" % i, s) for i, s in enumerate((servers * 5)[:n])])
        d.reload()
    d.configure([target("last", servers[0])])
    d.reload()
    probed(d, "Watching 1 target: 1 ok")


# ------------------------------------------------------------------ many targets

MANY = 20000


def crowd(n=MANY, **keys):
    """Targets that cost a reload time, and nothing else."""
    return [dict({"name": "crowd%d" % i, "host": "127.0.0.1", "enabled": False}, **keys)
            for i in range(n)]


def configure_at_once(d, targets):
    """As an editor does: a reload that is under way reads the old file or the new one."""
    config = d.config
    d.config = config.with_suffix(".new")
    d.configure(targets)
    d.config.rename(config)
    d.config = config


def reloading(d):
    return d.manager.count("RELOADING=1") > d.manager.count("READY=1") - 1


def begin_reload(d):
    before = d.manager.count("RELOADING=1")
    d.process.send_signal(signal.SIGHUP)
    rig.wait_until(lambda: d.manager.count("RELOADING=1") > before, "the reload to begin")


@pytest.mark.parametrize("change", ["one", "all", "gone", "come"])
def test_all_goes_on_meanwhile(d, ftp, contract, change):
    """Targets are probed one after the other, and a GET is answered, between the beginning and the
    end of one and the same reload."""
    server = ftp("good")
    watched = [target("watched%d" % i, server) for i in range(60)]
    many, few = watched + crowd(), watched + crowd(3)
    other = {"one": many[:-1] + crowd(1, name="last"), "gone": few, "come": many,
             "all": watched + crowd(contact="new")}[change]
    sets = [few if change == "come" else many, other]
    d.configure(sets[0])
    d.start()
    rig.wait_until(lambda: server.logins >= 60, "all to be probed")
    probed = asked = 0
    for attempt in range(40):
        sets.reverse()
        configure_at_once(d, sets[0])
        ready = d.manager.count("READY=1")
        begin_reload(d)
        logins = server.logins
        while d.manager.count("READY=1") == ready:
            assert d.client.value(contract("ftpAuthAgentState")) in (1, 2, 3)
            if d.manager.count("READY=1") == ready:
                asked += 1
                probed = max(probed, server.logins - logins)
        assert d.client.value(contract("ftpAuthSummaryTotal")) == len(sets[0])
        assert d.client.value(contract("ftpAuthAgentConfigLoads")) == attempt + 2
        if asked > 0 and probed >= 3:
            return
    assert False, "at most %d logins in one reload, %d GETs in all" % (probed, asked)


def test_a_reload_during_a_reload_is_remembered(d, ftp, contract):
    """What the file says last is in force in the end."""
    d.configure(crowd())
    d.start()
    for n in (5, MANY, 7):
        configure_at_once(d, crowd(n))
        begin_reload(d) if n == 5 else d.process.send_signal(signal.SIGHUP)
    rig.wait_until(lambda: d.client.value(contract("ftpAuthSummaryTotal")) == 7, "the latest file")
    rig.wait_until(lambda: not reloading(d), "READY=1")
    assert d.client.value(contract("ftpAuthAgentConfigResult")) == 1


@pytest.mark.parametrize("pause", [0, 0.02, 0.1, 0.2, 0.3])
def test_the_end_during_a_reload(d, ftp, pause):
    """Whatever it was at: the test bench looks at memory and the exit code."""
    d.configure(crowd(contact="old") + [target("t", ftp("good"))])
    d.start()
    d.configure([dict(t, name="new" + t["name"]) if i % 2 else t
                 for i, t in enumerate(crowd(contact="new"))])
    begin_reload(d)
    time.sleep(pause)
    assert d.stop() == 0


# ------------------------------------------------------------------ --check-config

HEAD = "defaults: { interval: 60s }\ntargets:\n"
T = "  - { name: a, host: h.example"
# What the file says, the line of the fault, a word that the message has.
FAULTS = {
    "unknown key": (HEAD + T + ", prot: 21 }\n", 3, "prot"),
    "unknown key at the top": ("tragets: []\n", 1, "tragets"),
    "wrong type": (HEAD + T + ", port: [ 21 ] }\n", 3, "port"),
    "not a number": (HEAD + T + ", port: ftp }\n", 3, "port"),
    "port 0": (HEAD + T + ", port: 0 }\n", 3, "port"),
    "port 65536": (HEAD + T + ", port: 65536 }\n", 3, "port"),
    "negative": (HEAD + T + ", raise: -1 }\n", 3, "raise"),
    "duplicate name": (HEAD + T + " }\n" + T + " }\n", 4, "name"),
    "duplicate index":
        (HEAD + T + ", index: 3 }\n  - { name: b, host: h, index: 3 }\n", 4, "index"),
    "no host": (HEAD + "  - { name: a }\n", 3, "host"),
    "no name": (HEAD + "  - { host: h.example }\n", 3, "name"),
    "empty name": (HEAD + "  - { name: '', host: h.example }\n", 3, "name"),
    "control character in the user": (HEAD + T + ', user: "a\\r\\nDELE x" }\n', 3, "user"),
    "control character in the password": (HEAD + T + ', password: "a\\nb" }\n', 3, "password"),
    "interval shorter than the timeout":
        (HEAD + T + ", interval: 5s, timeout: 15s }\n", 3, "interval"),
    "duration without a unit": (HEAD + T + ", interval: soon }\n", 3, "interval"),
    "group that is not there": (HEAD + T + ", group: [ x ] }\n", 3, "group"),
    "not YAML": ("targets: [\n", 2, ""),
    "a tab": ("targets:\n\t- name: a\n", 2, ""),
    "targets are no list": ("targets: 7\n", 1, "targets"),
    "empty file": ("", 1, ""),
    "unreadable drop-in": ("include: [ 'dangling.yaml' ]\ntargets: []\n", 1, "dangling.yaml"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(daemon, fault):
    text, line, word = FAULTS[fault]
    d = daemon()
    d.configure([], text=text)
    os.symlink("nowhere", d.folder / "dangling.yaml")
    code, out, error = d.check_config()
    assert (code, out) == (78, "")
    first = error.splitlines()[0]
    assert first.startswith("%s:%d: " % (d.config, line)), error
    assert word in first
    assert "; " in first, "how to mend it"
    assert "Traceback" not in error and "a\nb" not in error
    # The daemon itself says the same and does not start.
    d.start(ready=False)
    assert d.process.wait(rig.PATIENCE) == 78
    assert first in d.log


def test_a_missing_file(daemon):
    d = daemon()
    d.config.unlink()
    code, out, error = d.check_config()
    assert (code, out) == (78, "")
    assert str(d.config) in error and "No such file" in error


def test_a_good_file(daemon, ftp):
    d = daemon([target("a", ftp()), target("b", ftp())])
    code, out, error = d.check_config()
    assert (code, error) == (0, "")
    assert "2 targets" in out


def test_passwords_stay_out_of_messages(daemon):
    d = daemon()
    d.configure([], text=HEAD + T + ', password: "s3cr3t\\n" }\n')
    _, out, error = d.check_config()
    assert "s3cr3t" not in out + error


def test_how_much_is_kept(d, ftp, contract):
    """Fewer rows of history and of events from the reload on, and more again."""
    server = ftp("good")
    d.top.update(history={"rows": 40}, events=30)
    d.configure([target("a", server)])
    d.start()

    def history():
        with contextlib.closing(sqlite3.connect(str(d.folder / "state.db"), timeout=30)) as db:
            return db.execute("SELECT count(*) FROM history").fetchone()[0]

    def events():
        return len(d.client.column(contract("ftpAuthEventTime")))

    def toggle():
        refused = "refused" in d.manager.status()
        server.behave("good" if refused else "pass-530")
        probed(d, "1 ok" if refused else "1 refused")

    toggle()
    toggle()
    rig.wait_until(lambda: history() > 4, "a history")
    assert events() == 3, "the start and two changes"
    d.top.update(history={"rows": 3}, events=2)
    d.configure([target("a", server)])
    d.reload()
    assert "restart" not in d.log
    assert events() == 2
    rig.wait_until(lambda: history() <= 3, "less history")
    toggle()
    assert events() == 2
    d.top.update(history={"rows": 40}, events=30)
    d.configure([target("a", server)])
    d.reload()
    rig.wait_until(lambda: history() > 3, "more history")
    toggle()
    assert events() == 3
    d.top.update(history={"rows": 0})
    d.configure([target("a", server)])
    d.reload()
    before, logins = history(), server.logins
    rig.wait_until(lambda: server.logins >= logins + 3, "more probes")
    assert history() <= before + 1, "one may have been under way"
