# SPDX-License-Identifier: ISC
"""What the service manager and the log see, and the daemon's command line."""
import re
import shutil
import signal
import subprocess

import pytest

import rig
from rig import target


def test_notify_protocol(daemon, ftp):
    good, bad, gone = ftp("good"), ftp("pass-530"), ftp("good")
    gone.down()
    d = daemon([target("good", good), target("bad", bad), target("gone", gone)],
               listen=rig.free_port()).start()
    rig.wait_until(lambda: d.manager.status() ==
                   "Watching 3 targets: 1 ok, 1 refused, 1 unreachable", "the status line")
    assert d.manager.count("READY=1") == 1
    d.reload()
    lines = d.manager.lines()
    reloading = lines.index("RELOADING=1")
    assert re.fullmatch(r"MONOTONIC_USEC=\d+", lines[reloading + 1])
    assert "READY=1" in lines[reloading:]
    assert d.manager.count("STOPPING=1") == 0
    assert d.stop() == 0
    assert d.manager.count("STOPPING=1") == 1


def test_watchdog(daemon, ftp):
    """Fed from the loop of the probes: often enough, and not by a thread that would go on alone."""
    d = daemon([target("good", ftp("good"))], listen=rig.free_port(), watchdog=2000000).start()
    rig.wait_until(lambda: d.manager.count("WATCHDOG=1") >= 3, "three signs of life")


def test_no_manager(daemon, ftp):
    """Without NOTIFY_SOCKET it just runs."""
    server = ftp("good")
    d = daemon([target("good", server)], listen=rig.free_port())
    env = d.environment()
    with open(d.log_path, "ab") as log:
        d.process = subprocess.Popen(d.command("--listen", "127.0.0.1:%d" % d.listen), env=env,
                                     stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    rig.wait_until(lambda: server.logins >= 2, "two logins")
    assert rig.end_process(d.process, signal.SIGINT) == 0


def test_log_lines(daemon, ftp):
    """One line an event, with the name of the target and the reply; no password."""
    server = ftp("pass-530")
    d = daemon([target("bad", server, user="jane", password="s3cr3t-word")],
               listen=rig.free_port(), options=("-d",)).start()
    rig.wait_until(lambda: "530 Login incorrect." in d.log, "the refusal in the log")
    server.behave("good")
    rig.wait_until(lambda: "works again" in d.log, "the recovery in the log")
    assert d.stop() == 0
    lines = d.log.splitlines()
    assert len([line for line in lines if "530 Login incorrect." in line and "bad" in line]) == 1
    assert all(line.startswith("ftphealthd: ") for line in lines), d.log
    assert "s3cr3t-word" not in d.log
    assert re.fullmatch(r"[ -~\n]*", d.log), "printable ASCII"


def test_hostile_text_in_the_log(daemon, ftp):
    server = ftp("escapes")
    d = daemon([target("bad", server)], listen=rig.free_port(), options=("-d",)).start()
    rig.wait_until(lambda: "refused" in d.log, "the refusal in the log")
    assert d.stop() == 0
    assert re.fullmatch(r"[ -~\n]*", d.log), "printable ASCII"


def test_one_log(daemon, ftp, snmpd):
    """net-snmp's words come through ours: each line is marked as such."""
    master = snmpd()
    d = daemon([target("good", ftp("good"))], agentx=master.agentx).start()
    master.start()
    rig.wait_until(lambda: "Connected to the AgentX master" in d.log, "the session")
    master.stop(signal.SIGKILL)
    rig.wait_until(lambda: "Lost the AgentX master" in d.log, "the loss of the session")
    assert d.stop() == 0
    log = d.log.split("\n====")[0] if rig.has_known_leak_only(d.log) else d.log
    assert all(line.startswith("ftphealthd: ") for line in log.splitlines()), log
    assert len([x for x in d.log.splitlines() if "Lost the AgentX master" in x]) == 1


def why_no_valgrind():
    if not shutil.which("valgrind"):
        return "no valgrind"
    with open(rig.program("ftphealthd"), "rb") as f:
        data = f.read()
    return "a program with a sanitizer" if b"__asan_init" in data or b"__tsan_init" in data else None


@pytest.mark.parametrize("mode", ["snmpd", "alone"])
def test_no_leak(daemon, ftp, snmpd, contract, mode):
    """valgrind has nothing to say after refusals, a reload with probes in flight, and a stop."""
    reason = why_no_valgrind()
    if reason:
        pytest.skip(reason)
    keys = {"listen": rig.free_port()} if mode == "alone" else {"agentx": snmpd().start().agentx}
    servers = [ftp(name) for name in ("good", "pass-530", "silent-user", "megabyte-banner", "ssh")]
    targets = [target("t%d" % i, s) for i, s in enumerate(servers)]
    # valgrind knows the allocator of libc, not all of mimalloc
    d = daemon(targets, **keys, wrapper=[
        "env", "LD_PRELOAD=libc.so.6", "valgrind", "-q", "--leak-check=full",
        "--show-leak-kinds=definite,possible",
        "--errors-for-leak-kinds=definite,possible", "--error-exitcode=99"]).start()
    rig.wait_until(lambda: d.manager.status().endswith("1 ok, 1 refused, 3 unreachable"), "probes")
    d.configure(targets[1:] + [target("new", servers[0])])
    d.reload()
    d.configure([], text="targets: 7\n")
    d.reload()
    servers[1].behave("good")
    rig.wait_until(lambda: "2 ok" in d.manager.status(), "the recovery")
    assert d.stop() == 0, d.log
    assert "==" not in d.log, "valgrind's words"


def run(*arguments):
    p = subprocess.run([rig.program("ftphealthd"), *arguments], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                       timeout=rig.PATIENCE)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


@pytest.mark.parametrize("arguments", [
    ["--nonsense"], ["-x"], ["-c"], ["--listen"], ["extra"], ["--check-config", "extra"]],
    ids=" ".join)
def test_bad_command_line(arguments):
    code, out, error = run(*arguments)
    assert (code, out) == (64, "")
    assert "usage: ftphealthd" in error


@pytest.mark.parametrize("option", ["--help", "--version", "--contract"])
def test_things_to_print(option):
    code, out, error = run(option)
    assert (code, error) == (0, "") and out


KINDS = ("module", "scalar", "column", "table", "notification", "severity", "summary", "clears",
         "label", "diagnosis", "key")


def test_contract(contract):
    """Five fields a line; names once; numbers below the module's arc."""
    for row in contract.rows:
        assert len(row) == 5 and all(row), row
        assert row[0] in KINDS, row
        if row[0] in contract.OBJECTS:
            assert row[2].startswith(contract.base + "."), row
    for kind in KINDS:
        names = [row[1] for row in contract.rows if row[0] == kind]
        assert names and len(names) == len(set(names)), kind
    assert len(contract.oids) == len(set(contract.oids.values()))
    assert ["module", "ftpAuthHealthMIB", contract.base] == contract.rows[0][:3]


@pytest.mark.parametrize("option", ["--oid-base", "-c", "both"])
def test_contract_of_another_base(option, contract, tmp_path):
    """Every OID follows the command line, then the configuration; all else is the same."""
    base, config = "1.3.6.1.4.1.32473.7", tmp_path / "ftphealth.yaml"
    config.write_text("oid-base: %s\ntargets: [ { name: a, host: 127.0.0.1 } ]\n"
                      % ("1.3.6.1.4.1.32473.8.9" if option == "both" else base))
    options = {"--oid-base": ["--oid-base", base], "-c": ["-c", config],
               "both": ["--oid-base", "." + base, "-c", config]}[option]
    moved = rig.Contract(*options)
    back = [[field.replace("." + base, contract.base) for field in row] for row in moved.rows]
    assert back == contract.rows
    assert moved.base == "." + base


def test_contract_of_a_bad_configuration(tmp_path):
    config = tmp_path / "ftphealth.yaml"
    config.write_text("oid-base: 1.3\n")
    code, out, error = run("--contract", "-c", str(config))
    assert (code, out) == (78, "") and "oid-base" in error


@pytest.mark.parametrize("base", ["", "1.3.6", "x", "1.3.6.1.4.1.", "3.1.2.3", "1.3.6.4294967296"])
def test_bad_base(base):
    code, out, error = run("--contract", "--oid-base", base)
    assert (code, out) == (64, "")
    assert "bad base: %s (4 to 32 numbers with dots, such as 1.3.6" % base in error


