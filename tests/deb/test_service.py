# SPDX-License-Identifier: ISC
"""The installed package in a booted systemd: the unit, its sandbox, and what only these show.

Needs root, and a machine that may be thrown away: it writes into /etc and starts the system's own
services. The tests build on each other in their order.
"""
import contextlib
import functools
import grp
import http.server
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import threading

import pytest

import rig
import test_smb
import test_snmp_ask
from ftpserver import FtpServer
from rig import target

UNIT = "ftphealthd.service"
TARGETS = pathlib.Path("/etc/ftphealth/targets.d/test.yaml")
SNMPD = pathlib.Path("/etc/snmp/snmpd.conf.d/ftphealth.conf")
AGENTX = pathlib.Path("/var/agentx/master")
DROP_IN = pathlib.Path("/etc/systemd/system/ftphealthd.service.d/test.conf")
# Not below /tmp, of which the unit has one of its own.
FACTS = pathlib.Path("/srv/ftphealth-test")
STORE = pathlib.Path("/var/lib/ftphealth/state.db")
WATCHDOG = 90  # seconds: three times what the unit says

OK, REFUSED = 1, 4
PRESENT, ENABLED, GOOD = 2, 2, 2


def run(*command, **keys):
    """What a command prints; that it fails is a failure."""
    p = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False,
                       stderr=subprocess.STDOUT, timeout=120, **keys)
    out = p.stdout.decode("utf-8", "replace")
    assert p.returncode == 0, "%s: %d\n%s" % (" ".join(command), p.returncode, out)
    return out


class Service:
    """The unit, by systemctl."""

    def show(self, name):
        return run("systemctl", "show", "-P", name, UNIT).strip()

    pid = property(lambda self: int(self.show("MainPID")))
    status = property(lambda self: self.show("StatusText"))
    restarts = property(lambda self: int(self.show("NRestarts")))
    active = property(lambda self: self.show("ActiveState") == "active")

    def wait_status(self, end):
        rig.wait_until(lambda: self.status.endswith(end), "the status %s, not %s" %
                       (end, self.status))

    def configure(self, *targets):
        TARGETS.parent.mkdir(mode=0o755, exist_ok=True)
        TARGETS.write_text(json.dumps({"targets": [dict({"interval": "1s", "timeout": "1s"}, **t)
                                                   for t in targets]}))
        run("ftphealthd", "--check-config")

    def journal(self, *options):
        return run("journalctl", "--no-pager", "-q", "-o", "cat", "-u", UNIT, *options)

    def drop_in(self, *lines):
        """Lines for [Service]."""
        DROP_IN.parent.mkdir(exist_ok=True)
        DROP_IN.write_text("".join(line + "\n" for line in ("[Service]", *lines)))
        run("systemctl", "daemon-reload")

    def processes(self):
        """Those in the unit's cgroup."""
        path = pathlib.Path("/sys/fs/cgroup" + self.show("ControlGroup"), "cgroup.procs")
        return [int(n) for n in path.read_text().split()]


@pytest.fixture(scope="module")
def service():
    """Puts all back at the end."""
    s = Service()
    FACTS.mkdir()
    yield s
    for unit in (UNIT, "snmpd.service"):
        subprocess.run(["systemctl", "stop", unit], check=False)
    subprocess.run(["systemctl", "disable", "-q", UNIT], check=False)
    for path in (TARGETS, SNMPD, DROP_IN):
        path.unlink(missing_ok=True)
    for folder in (TARGETS.parent, DROP_IN.parent, FACTS):
        shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["systemctl", "daemon-reload"], check=False)


@pytest.fixture(autouse=True)
def words_of_a_failure(service):
    """pytest shows what is printed when a test fails."""
    yield
    print(service.journal("-n", "40"))


@pytest.fixture(scope="module")
def server():
    with FtpServer("good") as s:
        yield s


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Asks the system's snmpd."""
    return rig.Client(rig.NetSnmp(tmp_path_factory.mktemp("snmp") / "client"), "127.0.0.1:161")


# ------------------------------------------------------------------ as it comes


def test_it_waits_for_its_configuration(service):
    p = subprocess.run(["systemctl", "is-enabled", UNIT], stdout=subprocess.PIPE, check=False)
    assert p.stdout == b"disabled\n"
    assert not service.active and service.pid == 0


def test_the_configuration_as_it_comes_is_good():
    run("ftphealthd", "--check-config")


def test_unit_is_valid():
    assert run("systemd-analyze", "verify", "--man=no", UNIT) == ""


def test_account():
    user = pwd.getpwnam("ftphealth")
    assert user.pw_uid < 1000 and user.pw_shell.endswith("nologin")
    assert grp.getgrnam("Debian-snmp")


def test_security():
    """At most 2.0 in systemd's reckoning, of 10.0."""
    run("systemd-analyze", "security", "--no-pager", "--threshold=20", UNIT)


def test_catalog_is_known():
    assert run("journalctl", "--list-catalog").count(" ftphealth: ") >= 10


# ------------------------------------------------------------------ start, confinement


def test_start(service, server):
    service.configure(target("good", server, index=1))
    run("systemctl", "enable", "-q", "--now", UNIT)
    assert service.active
    service.wait_status("1 target: 1 ok")
    assert STORE.stat().st_uid == pwd.getpwnam("ftphealth").pw_uid
    assert STORE.parent.stat().st_mode & 0o777 == 0o750


def test_its_process_is_confined(service):
    status = dict(line.split(":\t", 1) for line in
                  pathlib.Path("/proc/%d/status" % service.pid).read_text().splitlines())
    assert set(status["Uid"].split()) == {str(pwd.getpwnam("ftphealth").pw_uid)}
    assert str(grp.getgrnam("Debian-snmp").gr_gid) in status["Groups"].split()
    assert {int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
            } == {0}
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


# What a program of the unit's may not do, in Python: what is tried, and the errors that are right. It
# runs in the unit, in the daemon's place.
DENIED = """
import ctypes, errno, mmap, os, socket

libc = ctypes.CDLL(None, use_errno=True)

def call(name, *arguments):
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)

def write(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))

def bind(port):
    with socket.socket() as s:
        s.bind(("127.0.0.1", port))

NEWUSER, NEWNS, RWX, FIFO = 0x10000000, 0x20000, 7, 1
TRIES = [
    ("write to /etc", lambda: write("/etc/ftphealth-test"), "EROFS"),
    ("write to /usr", lambda: write("/usr/ftphealth-test"), "EROFS"),
    ("write to /var", lambda: write("/var/ftphealth-test"), "EROFS"),
    ("write to its configuration", lambda: write("/etc/ftphealth/ftphealth.yaml"), "EROFS EACCES"),
    ("read /etc/shadow", lambda: open("/etc/shadow").close(), "EACCES"),
    ("list /root", lambda: os.listdir("/root"), "EACCES"),
    ("list /home", lambda: os.listdir("/home"), "EACCES"),
    ("see other processes", lambda: open("/proc/1/cmdline").close(), "ENOENT"),
    ("see kernel settings", lambda: open("/proc/sys/kernel/hostname").close(), "ENOENT"),
    ("open a disk", lambda: open("/dev/mem").close(), "ENOENT"),
    ("make a device", lambda: os.mknod("/var/lib/ftphealth/x", 0o20600, os.makedev(1, 5)), "EPERM"),
    ("make a set-user-ID file", lambda: os.chmod("/proc/self/exe", 0o4755), "EPERM EROFS"),
    ("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(), "EAFNOSUPPORT"),
    ("raw packets", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(), "EAFNOSUPPORT"),
    ("raw IP", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close(), "EPERM"),
    ("bind port 21", lambda: bind(21), "EACCES"),
    ("memory to write and run", lambda: mmap.mmap(-1, 4096, prot=RWX), "EPERM EACCES"),
    ("name spaces of its own", lambda: call("unshare", NEWUSER), "EPERM"),
    ("mount", lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, None), "EPERM"),
    ("be root", lambda: os.setuid(0), "EPERM EINVAL"),
    ("real time", lambda: os.sched_setscheduler(0, FIFO, os.sched_param(1)), "EPERM"),
    ("set the clock", lambda: call("settimeofday", (ctypes.c_long * 2)(1, 0), None), "EPERM"),
    ("set the host's name", lambda: call("sethostname", b"x", 1), "EPERM"),
    ("another personality", lambda: call("personality", 0x0040000), "EPERM"),
    ("load a module", lambda: call("syscall", 175, b"", 0, b""), "EPERM"),
    ("reboot", lambda: call("reboot", 0), "EPERM"),
    ("stop another process", lambda: os.kill(1, 0), "EPERM"),
]
for what, try_it, right in TRIES:
    try:
        try_it()
        got = "done"
    except OSError as e:
        got = errno.errorcode.get(e.errno, str(e.errno))
    print("try: %s: %s: %s" % ("denied" if got in right.split() else "WRONG", what, got), flush=True)
write("/var/lib/ftphealth/mine")  # and what it needs is not
os.unlink("/var/lib/ftphealth/mine")
write("/run/ftphealth/mine")
print("try: end", flush=True)
"""


def test_what_is_denied_is_denied(service):
    """Each tried from within the unit."""
    script = FACTS / "denied.py"
    script.write_text(DENIED)
    begin = run("date", "+%Y-%m-%d %H:%M:%S").strip()
    run("systemctl", "stop", UNIT)
    service.drop_in("Type=oneshot", "WatchdogSec=0", "Restart=no", "ExecStart=", "ExecReload=",
                    "ExecStart=/usr/bin/python3 -B %s" % script)
    try:
        run("systemctl", "start", UNIT)
        rig.wait_until(lambda: "try: end" in service.journal("--since", begin), "its end")
    finally:
        service.drop_in()
        run("systemctl", "start", UNIT)
    lines = [line for line in service.journal("--since", begin).splitlines() if "try: " in line]
    assert not [line for line in lines if "WRONG" in line]
    assert sum("try: denied: " in line for line in lines) == DENIED.count('    ("')


def test_the_shell_sees_it(service, server):
    out = run("ftphealth", "status")
    assert "good" in out, out


# ------------------------------------------------------------------ snmpd


def test_agentx_as_its_own_user(service, client, contract):
    """snmpd's socket is not open to all: the unit's group is what lets it in. Its folder was made
    for root alone when snmpd was first started, and snmpd never changes that."""
    SNMPD.write_text("master agentx\nagentXPerms 0660 0755 Debian-snmp Debian-snmp\n"
                     "view systemonly included .%s\n" % contract.base.lstrip("."))
    AGENTX.parent.mkdir(exist_ok=True)
    AGENTX.parent.chmod(0o755)
    run("systemctl", "restart", "snmpd.service")
    rig.wait_until(lambda: client.answers(contract("ftpAuthStatusState", 1)), "the table of states")
    assert client.value(contract("ftpAuthStatusState", 1)) == OK
    assert AGENTX.stat().st_mode & 0o007 == 0


def test_a_view_without_evidence(service, server, client, contract):
    """The community sees all but what evidence has shown; another one sees that too."""
    base = contract.base.lstrip(".")
    before = SNMPD.read_text()
    table = contract("ftpAuthEvidenceTable").lstrip(".")
    SNMPD.write_text(before + "view systemonly excluded .%s\n" % table +
                     "view all-of-it included .%s\nrocommunity insider 127.0.0.1 -V all-of-it\n" % base)
    inside = rig.Client(client.netsnmp, client.where, ("-v2c", "-c", "insider"))
    service.configure(target("good", server, index=1, evidence={
        "setting": {"url": "/nowhere", "format": "vsftpd"}, "interval": "4s", "timeout": "4s"}))
    run("systemctl", "reload", UNIT)
    run("systemctl", "restart", "snmpd.service")
    row = contract("ftpAuthEvidenceResult", 1)
    try:
        rig.wait_until(lambda: inside.answers(row), "the row of evidence")
        assert client.value(contract("ftpAuthStatusState", 1)) == OK
        assert not client.answers(row)
        assert not [o for o, _ in client.bulkwalk("." + base) if o.startswith("." + table + ".")]
    finally:
        SNMPD.write_text(before)
        run("systemctl", "restart", "snmpd.service")


def test_snmpd_restarts(service, client, contract):
    pid = service.pid
    run("systemctl", "restart", "snmpd.service")
    rig.wait_until(lambda: client.answers(contract("ftpAuthStatusState", 1)), "the table of states")
    assert service.pid == pid


# ------------------------------------------------------------------ reload, alarms, restarts


@pytest.fixture(scope="module")
def refusing():
    with FtpServer("pass-530") as s:
        yield s


def test_reload(service, server, refusing, client, contract):
    pid = service.pid
    service.configure(target("good", server, index=1), target("bad", refusing, index=2))
    run("systemctl", "reload", UNIT)
    service.wait_status("2 targets: 1 ok, 1 refused")
    assert service.pid == pid and service.restarts == 0
    rig.wait_until(lambda: client.value(contract("ftpAuthStatusState", 2)) == REFUSED, "the row")


def test_reload_of_a_bad_configuration(service):
    """It is said, with the line, and nothing changes."""
    good = TARGETS.read_text()
    TARGETS.write_text("targets:\n  - { name: good, host: 7, prot: 21 }\n")
    run("systemctl", "reload", UNIT)
    rig.wait_until(lambda: "prot" in service.journal("-n", "20"), "the fault in the journal")
    assert service.active and service.status.endswith("2 targets: 1 ok, 1 refused")
    TARGETS.write_text(good)
    run("systemctl", "reload", UNIT)


def test_the_journal_explains(service):
    text = run("journalctl", "--no-pager", "-x", "-u", UNIT, "FTPHEALTH_TARGET=bad")
    assert "refuses FTP logins" in text and "man:ftphealthd(8)" in text


def alarms():
    """The names and numbers of the open ones."""
    return {(a["name"], a["alarm"]) for a in json.loads(run("ftphealth", "alarms", "--json"))}


def is_back(service, pid):
    return service.active and service.pid not in (0, pid)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV"])
def test_it_is_started_again(service, name):
    pid, restarts, before = service.pid, service.restarts, alarms()
    os.kill(pid, getattr(signal, name))
    rig.wait_until(lambda: is_back(service, pid), "the next one")
    assert service.restarts == restarts + 1
    service.wait_status("2 targets: 1 ok, 1 refused")
    assert alarms() == before != set()


def test_watchdog(service, client, contract):
    """It is stopped, not ended: systemd finds out, ends it and starts the next one."""
    pid, restarts, before = service.pid, service.restarts, alarms()
    os.kill(pid, signal.SIGSTOP)
    rig.wait_until(lambda: is_back(service, pid), "the next one", WATCHDOG)
    assert "Watchdog timeout" in service.journal()
    assert service.restarts == restarts + 1
    service.wait_status("2 targets: 1 ok, 1 refused")
    assert alarms() == before != set()
    rig.wait_until(lambda: client.answers(contract("ftpAuthStatusState", 2)), "the table of states")


# ------------------------------------------------------------------ evidence under the sandbox


@contextlib.contextmanager
def web(folder):
    """Files by http://."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as s:
        threading.Thread(target=s.serve_forever, daemon=True).start()
        yield "http://127.0.0.1:%d" % s.server_address[1]
        s.shutdown()


@contextlib.contextmanager
def secret_file(name, text):
    """One that root alone can read."""
    path = FACTS / name
    path.touch(0o600)
    path.write_text(text)
    yield path
    path.unlink()


def test_all_programs_run_in_the_sandbox(service, server, client, contract):
    """ftphealth-smb and ftphealth-snmp with credentials that systemd loads as root, ftphealth-fetch
    for a path and for a URL. None needs netlink, which the unit refuses (libsmbclient asks it for
    the interfaces, and exits, unless it is told them)."""
    assert "AF_NETLINK" not in service.show("RestrictAddressFamilies").split()
    (FACTS / "adsutil.txt").write_text(
        "AnonymousPasswordSync           : (BOOLEAN) True\n"
        "AllowAnonymous                  : (BOOLEAN) True\n"
        'AnonymousUserName               : (STRING) "IUSR_PLANT7"\n')
    (FACTS / "ex.log").write_text(
        "#Software: Microsoft Internet Information Server 4.0\n#Version: 1.0\n"
        "#Date: 2000-10-23 01:00:00\n"
        "#Fields: time c-ip cs-method cs-uri-stem sc-status sc-win32-status\n")
    host = rig.Snmpd(sinks=test_snmp_ask.windows(
        [test_snmp_ask.FTPSVC, test_snmp_ask.WEB])).start()
    smbd = test_smb.Smbd()
    try:
        with web(FACTS) as url, secret_file(
                "netrc", "machine 127.0.0.1 login %s password %s\n" %
                (test_smb.USER, test_smb.PASSWORD)) as netrc, secret_file(
                    "snmp", "defVersion 2c\ndefCommunity public\n") as snmp:
            service.drop_in("LoadCredential=plant:%s" % netrc, "LoadCredential=iis:%s" % snmp)
            service.configure(target("plant", server, index=3, evidence={
                "module": [smbd.url(test_smb.DLL)], "control": smbd.url(test_smb.CONTROL),
                "setting": {"url": url + "/adsutil.txt", "format": "adsutil"},
                "log": {"url": str(FACTS / "ex.log")},
                "snmp": {"agent": host.where, "credential": "iis"},
                "credential": "plant", "interval": "4s", "timeout": "4s"}))
            run("systemctl", "restart", UNIT)
            rig.wait_until(lambda: client.answers(contract("ftpAuthEvidenceModule", 3)), "the row")

            def facts():
                return {name: client.value(contract("ftpAuthEvidence" + name, 3)) for name in
                        ("Error", "ModuleResult", "SettingResult", "LogResult", "SnmpResult",
                         "Module", "Sync", "WebService", "AnonymousUser")}
            good = {"Error": "", "ModuleResult": GOOD, "SettingResult": GOOD, "LogResult": GOOD,
                    "SnmpResult": GOOD, "Module": PRESENT, "Sync": ENABLED, "WebService": PRESENT,
                    "AnonymousUser": "IUSR_PLANT7"}
            with contextlib.suppress(AssertionError):
                rig.wait_until(lambda: facts() == good, "all of the evidence")
            assert facts() == good
    finally:
        host.close()
        smbd.close()
        service.drop_in()
    assert test_smb.PASSWORD not in service.journal()
    rig.wait_until(lambda: service.processes() == [service.pid], "the programs to end")


# ------------------------------------------------------------------ metrics


def test_metrics_on_a_socket_of_the_unit(service, server):
    """In the folder below /run that the unit makes, and for the agent's group."""
    path = pathlib.Path("/run/ftphealth/metrics")
    service.configure(target("good", server, index=1))
    main = pathlib.Path("/etc/ftphealth/ftphealth.yaml")
    before = main.read_text()
    main.write_text(before + "\nmetrics: { listen: \"unix:%s\" }\n" % path)
    try:
        run("ftphealthd", "--check-config")
        run("systemctl", "restart", UNIT)
        service.wait_status("1 target: 1 ok")
        assert path.is_socket() and path.stat().st_mode & 0o007 == 0
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(rig.PATIENCE)
            s.connect(str(path))
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n"
                      b"Accept: application/openmetrics-text\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: s.recv(65536), b"")).decode()
        assert answer.startswith("HTTP/1.1 200") and "# EOF" in answer
    finally:
        main.write_text(before)
    run("systemctl", "restart", UNIT)
    rig.wait_until(lambda: service.active, "the service")
    assert not path.exists()


# ------------------------------------------------------------------ end


def test_without_snmpd(service):
    """It starts, probes and stops as quickly when there is no master."""
    run("systemctl", "stop", "snmpd.service")
    run("systemctl", "restart", UNIT)
    service.wait_status("1 target: 1 ok")


def test_stop(service):
    run("systemctl", "disable", "-q", "--now", UNIT)
    assert service.show("Result") == "success" and not service.active
    assert STORE.exists() and not pathlib.Path("/run/ftphealth").exists()
