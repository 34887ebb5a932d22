# SPDX-License-Identifier: ISC
"""What the machine refuses us: descriptors, threads and processes, room on a disk. It is told by
name, nothing is told of a server because of it, and all goes on afterwards."""
import http.client
import os
import resource
import subprocess

import pytest

import rig
from rig import target

OK, REFUSED = 1, 4
IMPAIRED = 3  # FtpAuthAgentState
NEVER, GOOD, DENIED, FAILED = 1, 2, 4, 6  # FtpAuthCollectResult
FEW = 3  # descriptors: every new one is refused
NOBODY = 64999  # a user without any process
MANY = 50  # targets: more than a small store holds
TICKS = os.sysconf("SC_CLK_TCK")


def limit_files(d, soft):
    _, hard = resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE, (soft, hard))


def thread_ticks(d, name):
    """CPU time of the thread of this name, in clock ticks."""
    total = 0
    for task in os.listdir("/proc/%d/task" % d.process.pid):
        with open("/proc/%d/task/%s/stat" % (d.process.pid, task), encoding="ascii") as f:
            comm, rest = f.read().split("(", 1)[1].rsplit(")", 1)
        if comm == name:
            total += sum(int(x) for x in rest.split()[11:13])
    return total


def rows(d, contract, name):
    return list(d.client.column(contract(name)).values())


def scrape(port):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=rig.PATIENCE)
    c.request("GET", "/metrics")
    return c.getresponse().status


def names(receiver, contract):
    return [n.name(contract) for n in receiver.received if n.way == "trap"]


@pytest.fixture
def setting(tmp_path):
    path = tmp_path / "adsutil.txt"
    path.write_text("AnonymousPasswordSync : (BOOLEAN) False\n")
    return {"setting": {"url": str(path), "format": "adsutil"}, "interval": "2s", "timeout": "2s"}


def test_descriptors_run_out(daemon, ftp, contract, receiver, setting):
    port, good = rig.free_port(), ftp("good")
    d = daemon([target("good", good, evidence=setting), target("bad", ftp("pass-530")),
                dict(target("named", good), host="localhost")], listen=rig.free_port(),
               snmp=receiver.sinks() + "engineID %s\nrocommunity public 127.0.0.1\n" % rig.ENGINE_TEXT,
               top={"metrics": {"listen": "127.0.0.1:%d" % port}})
    d.start()
    rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusState") == [OK, REFUSED, OK], "the states")
    rig.wait_until(lambda: rows(d, contract, "ftpAuthEvidenceSettingResult") == [GOOD], "the evidence")
    rig.wait_until(lambda: "ftpAuthLoginRefused" in names(receiver, contract), "the refusal")
    before = names(receiver, contract)
    assert scrape(port) == 200

    limit_files(d, FEW)
    waiting = [http.client.HTTPConnection("127.0.0.1", port, timeout=rig.PATIENCE) for _ in range(3)]
    for c in waiting:
        c.request("GET", "/metrics")
    ticks = thread_ticks(d, "metrics")
    logins = good.logins
    # net-snmp asks hosts.allow of each request, which it cannot read now, so nobody is answered.
    rig.wait_until(lambda: "metrics while no more files" in d.log, "the log")
    began = os.times().elapsed
    rig.wait_until(lambda: os.times().elapsed > began + 3, "some failed probes")
    used = (thread_ticks(d, "metrics") - ticks) / TICKS / (os.times().elapsed - began)
    assert used < 0.5, "the thread of the metrics runs in circles: %.2f of a CPU" % used
    d.process.send_signal(1)  # a reload that cannot read its file
    rig.wait_until(lambda: "Too many open files" in d.log, "the reload's end")
    assert good.logins - logins <= 2, "there were descriptors for probes"

    limit_files(d, resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE)[1])
    for c in waiting:
        assert c.getresponse().status == 200, "it waited, and is served"
    assert min(rows(d, contract, "ftpAuthCountInternalError")) >= 1, "ours"
    for name in ("Timeout", "ConnectFailed", "Closed", "ResolveFailed", "ProtocolError"):
        assert rows(d, contract, "ftpAuthCount" + name) == [0, 0, 0], name
    rig.wait_until(lambda: rows(d, contract, "ftpAuthEvidenceSettingResult") == [GOOD], "the evidence")
    rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusState") == [OK, REFUSED, OK], "the states")
    rig.wait_until(lambda: good.logins > logins + 4, "more probes")
    assert names(receiver, contract) == before, "nothing was told, and nothing was over"
    d.reload()
    assert d.stop() == 0


@pytest.mark.parametrize("most", [4, 8, 12, 16, 20, 32])
def test_few_descriptors_at_start(daemon, ftp, most):
    """It says what it lacks: that it cannot start, or what it cannot do."""
    d = daemon([target("good", ftp("good"))], listen=rig.free_port(),
               wrapper=["prlimit", "--nofile=%d:%d" % (most, most)])
    d.start(ready=False)
    rig.wait_until(lambda: d.manager.count("READY=1") or "Cannot tell the service manager" in d.log
                   or d.process.poll() is not None, "a start")
    if d.process.poll() is None:
        assert most >= 12 and d.stop() == 0
    else:
        assert d.process.returncode in (69, 127) and "open" in d.log, d.log


@pytest.mark.parametrize("most", range(1, 7))
def test_threads_are_refused(daemon, ftp, contract, setting, most):
    """Of a user who may have so many threads: the service's own, the resolver's, and programs."""
    if rig.has_sanitizer() or os.geteuid() != 0:
        pytest.skip("needs root, and threads for nobody but the daemon")
    good = ftp("good")
    d = daemon([target("good", good, evidence=setting), target("bad", ftp("pass-530")),
                dict(target("named", good), host="localhost")], listen=rig.free_port(),
               wrapper=["prlimit", "--nproc=%d:%d" % (most, most), "setpriv", "--reuid=%d" % NOBODY,
                        "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"])
    subprocess.run(["chown", "-R", str(NOBODY), str(d.folder)], check=True)
    d.start(ready=False)  # that user may not tell the service manager
    rig.wait_until(lambda: "ftphealthd started" in d.log or d.process.poll() is not None, "a start")
    if d.process.poll() is not None:
        assert d.process.returncode == 69 and "Cannot start" in d.log, d.log
        assert most < 3, "three threads are enough to start with"
        return
    rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusState")[:2] == [OK, REFUSED], "the states")
    named = rows(d, contract, "ftpAuthCountResolveFailed")
    assert named == [0, 0, 0], "no thread of the resolver is no fault of the name"
    rig.wait_until(lambda: rows(d, contract, "ftpAuthEvidenceSettingResult") != [NEVER], "the evidence")
    result, words = (rows(d, contract, name)[0] for name in (
        "ftpAuthEvidenceSettingResult", "ftpAuthEvidenceError"))
    assert result in (GOOD, DENIED) or (  # denied: that user may not read the file
        result == FAILED and "cannot run ftphealth-fetch: Resource temporarily unavailable" in words)
    assert d.stop() == 0


def full_disk(folder, room):
    """A command that runs another one where /tmp is a file system of ROOM octets that is full, but
    for FOLDER, which is as it was."""
    return ["unshare", "-m", "sh", "-c", """
        mount --make-rprivate / && mount --bind "$0" /mnt && mount -t tmpfs -o size=%d tmpfs /tmp &&
        mkdir "$0" && mount --bind /mnt "$0" && umount /mnt &&
        { head -c 1048576 /dev/zero >/tmp/full 2>/dev/null || true; } && exec "$@" """ % room,
            str(folder)]


def full_store(folder, room):
    """Likewise: $FOLDER/store alone is a file system of ROOM octets."""
    (folder / "store").mkdir()
    return ["unshare", "-m", "sh", "-c",
            'mount --make-rprivate / && mount -t tmpfs -o size=%d tmpfs "$0" && exec "$@"' % room,
            str(folder / "store")]


@pytest.fixture
def mounts():
    p = subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL, check=False)
    if p.returncode != 0:
        pytest.skip("this machine gives no mount namespace")


def test_tmp_is_full(daemon, ftp, contract, mounts, setting):
    d = daemon([target("good", ftp("good"), evidence=setting), target("bad", ftp("pass-530"))],
               listen=rig.free_port())
    path = d.folder / "adsutil.txt"  # what is in /tmp is not seen there
    path.write_text("AnonymousPasswordSync : (BOOLEAN) False\n")
    evidence = dict(setting, setting={"url": str(path), "format": "adsutil"})
    d.configure([target("good", ftp("good"), evidence=evidence), target("bad", ftp("pass-530"))])
    d.wrapper = full_disk(d.folder, 8192)
    d.start()
    rig.wait_until(lambda: rows(d, contract, "ftpAuthStatusState") == [OK, REFUSED], "the states")
    rig.wait_until(lambda: rows(d, contract, "ftpAuthEvidenceSettingResult") == [GOOD], "the evidence")
    d.reload()
    assert d.stop() == 0
    assert "No space" not in d.log, "it needs nothing of /tmp"


@pytest.mark.parametrize("room", [4096, 65536, 262144])
def test_the_disk_of_the_store_is_full(daemon, ftp, contract, mounts, receiver, room):
    """It watches and tells all the same, and says that nothing is kept."""
    bad = ftp("good")
    d = daemon(listen=rig.free_port(), snmp=receiver.sinks() +
               "engineID %s\nrocommunity public 127.0.0.1\n" % rig.ENGINE_TEXT)
    d.configure([target("t%03d" % i, bad) for i in range(MANY)])
    d.config.write_text(d.config.read_text().replace("/state.db", "/store/state.db"))
    d.wrapper, d.show_log = full_store(d.folder, room), False
    d.start()
    rig.wait_until(lambda: d.client.value(contract("ftpAuthSummaryOk")) == MANY, "the states")
    bad.behave("pass-530")
    rig.wait_until(lambda: d.client.value(contract("ftpAuthSummaryRefused")) == MANY, "the refusals")
    rig.wait_until(lambda: "full" in d.log or "No space" in d.log, "the words of it")
    rig.wait_until(lambda: d.client.value(contract("ftpAuthAgentState")) == IMPAIRED, "impaired")
    rig.wait_until(lambda: names(receiver, contract), "a notification")
    assert d.stop() == 0
