# SPDX-License-Identifier: ISC
"""What the programs that fetch evidence have given up when they first speak to a host."""
import ctypes
import errno
import os
import pathlib
import shlex
import socket
import subprocess

import pytest

import rig

LANDLOCK_CREATE_RULESET, VERSION = 444, 1
TRUNCATE_SINCE = 3  # version of Landlock
GIVEN_UP = ("read", "list", "write", "make", "mkdir", "link", "run", "remove")


def landlock():
    """Its version, or what it lacks is below 1."""
    return ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, VERSION)


@pytest.fixture(scope="module", name="library")
def build(tmp_path_factory):
    out = tmp_path_factory.mktemp("sealed") / "sealed.so"
    subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-std=gnu11", "-D_GNU_SOURCE", "-shared",
                    "-fPIC", "-o", str(out), str(pathlib.Path(__file__).with_name("sealed.c")), "-ldl"],
                   check=True)
    return out


def request_of(name, port):
    if name == "ftphealth-snmp":
        return {"version": 1, "agent": "udp:127.0.0.1:%d" % port, "timeLimit": 1000, "community": "x"}
    scheme = "smb" if name == "ftphealth-smb" else "http"
    return {"version": 1, "files": ["%s://127.0.0.1:%d/share/file" % (scheme, port)], "timeLimit": 1000,
            "byteLimit": 1 << 20}


@pytest.mark.parametrize("name", ["ftphealth-smb", "ftphealth-fetch", "ftphealth-snmp"])
def test_files_are_given_up(name, library, tmp_path):
    """Whoever takes the program over by what a host answers can neither read secrets nor change or
    run anything, though the files are the program's own user's."""
    if landlock() < 1:
        pytest.skip("this kernel has no Landlock")
    there = tmp_path / "there"
    there.write_text("a secret, and no program")
    there.chmod(0o700)
    kind = socket.SOCK_DGRAM if name == "ftphealth-snmp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as host:
        host.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            host.listen()
        # A library that is preloaded comes before the sanitizer's.
        env = {"LD_PRELOAD": str(library), "SEALED": str(tmp_path),
               "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
        _, _, error = rig.run_program(rig.program(name),
                                      request_of(name, host.getsockname()[1]), env=env)
    tried = {what: int(code) for what, code in
             (line.split()[1:] for line in error.splitlines() if line.startswith("sealed "))}
    wanted = GIVEN_UP + (("truncate",) if landlock() >= TRUNCATE_SINCE else ())
    assert {what: tried.get(what) for what in wanted} == dict.fromkeys(wanted, errno.EACCES), error
    assert there.read_text() == "a secret, and no program"
    assert list(tmp_path.iterdir()) == [there]
