# SPDX-License-Identifier: ISC
"""Named accounts: from secret files and credentials, and nowhere to be found afterwards."""
import json
import os
import re
import sqlite3
import subprocess

import pytest

import ftpserver
import rig

SECRET = "Hush-1234567"
ECHO = ftpserver.script(PASS="530 The password {password} of {user} is wrong.")


@pytest.fixture(name="folder")
def make_folder():
    folder = rig.temporary_folder()
    yield folder
    rig.remove_folder(folder)


def netrc(folder, password=SECRET, user="monitor", mode=0o600):
    path = folder / "netrc"
    path.write_text("machine 127.0.0.1 login %s password %s\n" % (user, password))
    path.chmod(mode)
    return path


def check(*options, **keys):
    code, out, error = rig.run_ftphealth("check", "--json", *options, **keys)
    assert SECRET not in out + error
    return code, json.loads(out) if out else error


# ------------------------------------------------------------------ ftphealth check


@pytest.mark.parametrize("user", ["monitor", "DOMAIN/monitor", '"a \\\\ b"'])
def test_login(folder, user):
    with ftpserver.FtpServer("good") as server:
        code, r = check("--netrc", netrc(folder, user=user), server.where)
        assert (code, r["outcome"]) == (0, "ok")
        session = server.sessions[0]
        assert (session.user, session.password) == (
            user.strip('"').replace("\\\\", "\\"), SECRET)


def test_credential(folder):
    netrc(folder, mode=0o440).rename(folder / "ftp")
    with ftpserver.FtpServer("good") as server:
        code, r = check("--credential", "ftp", server.where,
                        env=dict(os.environ, CREDENTIALS_DIRECTORY=str(folder)))
        assert (code, r["outcome"]) == (0, "ok")
        assert server.sessions[0].password == SECRET
        code, why = check("--credential", "ftp", server.where)
        assert code == 64 and "credential ftp: No such file" in why


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_open_to_others(folder, mode):
    with ftpserver.FtpServer("good") as server:
        code, why = check("--netrc", netrc(folder, mode=mode), server.where)
        assert code == 64 and "chmod 600" in why
        assert not server.sessions


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_looks_for_the_daemon(folder):
    """`ftphealthd --check-config` by root reads what is the service's own."""
    path = netrc(folder)
    os.chown(path, 65534, 65534)
    path.with_name("ftphealth.yaml").write_text(
        "targets: [ { name: a, host: 127.0.0.1, netrc: %s } ]\n" % path)
    p = subprocess.run([rig.program("ftphealthd"), "--check-config", "-c", folder / "ftphealth.yaml"],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert p.returncode == 0 and b"good, 1 target" in p.stdout, p.stdout


@pytest.mark.parametrize("options", [("--user", "u"), ("--password", "p"), ("--credential", "c")])
def test_said_twice(folder, options):
    code, why = check("--netrc", netrc(folder), *options, "127.0.0.1")
    assert code == 64 and why.startswith("ftphealth check: netrc: ")


@pytest.mark.parametrize("style", ["--json", "-v", None])
def test_echo_is_hidden(folder, style):
    with ftpserver.FtpServer(ECHO) as server:
        code, out, error = rig.run_ftphealth(
            "check", *filter(None, [style]), "--netrc", netrc(folder), server.where)
        assert code == 2 and SECRET not in out + error
        assert "The password %s of monitor is wrong" % ("*" * len(SECRET)) in out
        assert server.sessions[0].password == SECRET


LONG = "quixotic zebras juggle waxworks"
FOREIGN = "geh\u00e4xel-\u00dfqwz"
ECHOES = [  # what is said to PASS, of which password, what of it is seen
    ("cut off", LONG, (b"530 Login incorrect for user operator with password '" + LONG.encode(), ftpserver.HANG),
     "with password '*"),
    ("cut off by the server", LONG, (b"530 It is not '" + LONG[:12].encode(), ftpserver.CLOSE),
     "It is not '" + 12 * "*"),
    ("not FTP", LONG, (b"Login incorrect for user operator, whose password is not " + LONG.encode() + b"\r\n",),
     "password is not *"),
    ("not ASCII", FOREIGN, ("530 Not {password}.",), "Not *"),
    ("not ASCII, not FTP", FOREIGN, (FOREIGN.encode() + b"\r\n",), "not FTP: \"*"),
]


@pytest.mark.parametrize("password, said, seen", [pytest.param(*e[1:], id=e[0]) for e in ECHOES])
@pytest.mark.parametrize("style", ["--json", "-v"])
def test_echo_in_part(folder, password, said, seen, style):
    """Of what is cut or escaped nothing is left of it either."""
    path = netrc(folder, password='"%s"' % password)
    with ftpserver.FtpServer(ftpserver.script(PASS=said)) as server:
        _, out, error = rig.run_ftphealth("check", "-t", "2", style, "--netrc", path, server.where)
        assert server.sessions[0].password == password
    assert seen in out.replace('\\"', '"')
    assert not [word for word in re.split("[^a-z]+", password) if word[:4] in out + error]


WORDS = ["530 This FTP server does not allow anonymous access.", "530 Anonymous access denied.",
         "530 Login incorrect."]


@pytest.mark.parametrize("words", WORDS)
def test_named_is_not_anonymous(folder, words):
    """What keeps out the anonymous does not keep out an account."""
    with ftpserver.FtpServer(ftpserver.script(PASS=words)) as server:
        _, r = check("--netrc", netrc(folder), server.where)
        assert "anonymousDisabled" not in [r["diagnosis"], *(c["diagnosis"] for c in r["candidates"])]
        _, r = check(server.where)
        assert "anonymousDisabled" in [r["diagnosis"], *(c["diagnosis"] for c in r["candidates"])]


# ------------------------------------------------------------------ the daemon


def rows_of(store):
    """All that the store has, as text."""
    with sqlite3.connect(store) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return "\n".join(repr(row) for t in tables for row in db.execute("SELECT * FROM %s" % t))


def test_daemon(folder):
    """The secret is read anew with the configuration, and is in no log, no row and no answer."""
    path = netrc(folder)
    with ftpserver.FtpServer(ECHO) as server:
        d = rig.Daemon([rig.target("a", server)], listen=rig.free_port(),
                       defaults={"netrc": str(path)})
        try:
            d.start()
            rig.wait_until(lambda: any(s.password == SECRET for s in server.sessions), "a login")
            netrc(folder, SECRET + "-new")
            d.reload()
            rig.wait_until(lambda: any(s.password == SECRET + "-new" for s in server.sessions),
                           "a login with the new password")
            path.chmod(0o644)
            d.reload()
            assert "chmod 600" in d.log
            seen = len(server.sessions)
            rig.wait_until(lambda: len(server.sessions) > seen + 1, "the configuration in force")
            assert server.sessions[seen].user == "monitor"
            told = rig.wait_until(
                lambda: [v.value for _, v in d.client.walk(".1.3.6.1.4.1")], "rows")
            assert any("*" * len(SECRET) in str(value) for value in told)
            assert not any(SECRET in str(value) for value in told)
            assert d.stop() == 0
            assert SECRET not in d.log and SECRET not in rows_of(d.folder / "state.db")
            for file in d.folder.glob("state.db*"):
                assert SECRET.encode() not in file.read_bytes()
        finally:
            d.close()
