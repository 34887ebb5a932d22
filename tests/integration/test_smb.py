# SPDX-License-Identifier: ISC
"""ftphealth-smb against Samba's smbd, and against servers that are worse."""
import errno
import hashlib
import json
import os
import pathlib
import random
import resource
import shutil
import socket
import subprocess
import threading

import pytest

import rig

SMBD = shutil.which("smbd", path="/usr/sbin:/usr/bin:/sbin:/bin")
DLL = "system32/inetsrv/iissuba.dll"
OTHER = "system32/iissuba.dll"
CONTROL = "system32/msv1_0.dll"
USER, PASSWORD = "rigadmin", "S3cret-pass"


def why_not():
    if not SMBD or not shutil.which("smbpasswd"):
        return "smbd is not installed (package samba)"
    if os.geteuid() != 0:
        return "smbd needs root to serve as another user"
    return None


class Smbd:
    """smbd with the shares of an old Windows host, in a folder of its own: ADMIN$ for rigadmin
    alone. KEYS are lines of its configuration."""

    def __init__(self, **keys):
        self.folder = rig.temporary_folder()
        self.folder.chmod(0o755)  # smbd serves as nobody
        self.root = self.folder / "admin"
        (self.root / "system32/inetsrv").mkdir(parents=True)
        self.put(DLL, b"MZ\x90\0not really a DLL\n")
        self.put(CONTROL, b"MZ\x90\0nor this\n")
        self.port = rig.free_port()
        (self.folder / "users.map").write_text("nobody = rigadmin\ndaemon = rigother\n")
        options = {
            "server role": "standalone server", "workgroup": "RIG", "netbios name": "RIGHOST",
            "interfaces": "127.0.0.1/8", "bind interfaces only": "yes", "smb ports": self.port,
            "disable netbios": "yes", "server min protocol": "NT1", "ntlm auth": "ntlmv1-permitted",
            "map to guest": "never", "username map": self.folder / "users.map",
            "log file": self.folder / "log", "log level": 1, "load printers": "no",
            "printing": "bsd", "printcap name": "/dev/null", "disable spoolss": "yes"}
        for name in ("private dir", "lock directory", "state directory", "cache directory",
                     "pid directory", "ncalrpc dir"):
            options[name] = self.folder / name.split()[0]
            options[name].mkdir()
        options.update({k.replace("_", " "): v for k, v in keys.items()})
        self.conf = self.folder / "smb.conf"
        self.conf.write_text("[global]\n" + "".join(
            "%s = %s\n" % item for item in options.items()) + """
[ADMIN$]
path = %s
valid users = nobody
""" % self.root)
        for user, password in (("nobody", PASSWORD), ("daemon", "other-pass")):
            subprocess.run(["smbpasswd", "-c", str(self.conf), "-L", "-s", "-a", user],
                           input=("%s\n" % password * 2).encode(), check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.process = subprocess.Popen(
            [SMBD, "-F", "--no-process-group", "-s", str(self.conf)], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        rig.wait_until(self.listens, "smbd to listen")

    def listens(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def put(self, name, content, mode=0o644):
        path = self.root / name
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def url(self, name="", share="ADMIN$"):
        return "smb://127.0.0.1:%d/%s/%s" % (self.port, share, name)

    def close(self):
        rig.end_group(self.process)
        rig.remove_folder(self.folder)


@pytest.fixture(scope="module")
def smbd():
    """One for all that do not change it."""
    if why_not():
        pytest.skip(why_not())
    s = Smbd()
    yield s
    s.close()


@pytest.fixture
def own_smbd():
    made = []

    def make(**keys):
        if why_not():
            pytest.skip(why_not())
        made.append(Smbd(**keys))
        return made[-1]
    yield make
    for s in made:
        s.close()


@pytest.fixture
def netrc():
    folder = rig.temporary_folder()

    def write(text=None, user=USER, password=PASSWORD, mode=0o600):
        path = folder / "netrc"
        path.write_text(text or "default login %s password %s account RIG\n" % (user, password))
        path.chmod(mode)
        return str(path)
    yield write
    rig.remove_folder(folder)


def run(request, env=None, **keys):
    """(exit code, standard output, standard error); REQUEST is an object or octets."""
    code, out, error = rig.run_program(rig.program("ftphealth-smb"), request, env, **keys)
    return code, out.decode(), error


def request_of(base, files=(DLL, OTHER), control=CONTROL, **keys):
    return dict({"version": 1, "control": base + control, "files": [base + f for f in files],
                 "timeLimit": 60000, "byteLimit": 1 << 20}, **keys)


def ask(base, files=(DLL, OTHER), control=CONTROL, env=None, **keys):
    """The answer: (control, [file, ...])."""
    code, out, error = run(request_of(base, files, control, **keys), env)
    assert code == 0 and error == "", error
    assert out.endswith("\n") and out.count("\n") == 1 and len(out) <= 8192
    answer = json.loads(out)
    assert answer["version"] == 1 and len(answer["files"]) == len(files)
    assert PASSWORD not in out
    return answer["control"], answer["files"]


def states(*arguments, **keys):
    control, files = ask(*arguments, **keys)
    return [control["state"], *(f["state"] for f in files)]


# ------------------------------------------------------------------ what a server has


def check_present_and_absent(smbd, netrc, **keys):
    control, (dll, other) = ask(smbd.url(), netrc=netrc(), **keys)
    path = smbd.root / DLL
    assert dll == {"state": "present", "size": path.stat().st_size,
                   "mtime": int(path.stat().st_mtime),
                   "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert other == {"state": "absent"}
    assert control["state"] == "present"


def test_present_and_absent(smbd, netrc):
    check_present_and_absent(smbd, netrc)


@pytest.mark.parametrize("protocol", ["NT1", "SMB2", "SMB3"])
def test_each_protocol(smbd, netrc, protocol):
    check_present_and_absent(smbd, netrc, minProtocol=protocol, maxProtocol=protocol)


def test_server_of_nt1_alone(own_smbd, netrc):
    check_present_and_absent(own_smbd(server_max_protocol="NT1"), netrc)


def test_signing_mandatory(own_smbd, netrc):
    check_present_and_absent(own_smbd(server_signing="mandatory"), netrc)


def test_encryption_mandatory(own_smbd, netrc):
    check_present_and_absent(own_smbd(server_min_protocol="SMB3", smb_encrypt="required"), netrc)


def test_ipv6(own_smbd, netrc):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    smbd = own_smbd(interfaces="127.0.0.1/8 ::1/128")
    base = "smb://[::1]:%d/ADMIN$/" % smbd.port
    assert states(base, netrc=netrc()) == ["present", "present", "absent"]


def test_dll_removed_and_back(own_smbd, netrc):
    smbd = own_smbd()
    before = ask(smbd.url(), netrc=netrc())
    (smbd.root / DLL).rename(smbd.root / "away")
    assert states(smbd.url(), netrc=netrc()) == ["present", "absent", "absent"]
    (smbd.root / "away").rename(smbd.root / DLL)
    assert ask(smbd.url(), netrc=netrc()) == before
    smbd.put(DLL, b"another one")
    assert ask(smbd.url(), netrc=netrc())[1][0]["sha256"] != before[1][0]["sha256"]


def test_absent_needs_the_control_file(smbd, netrc):
    control, (dll, other) = ask(smbd.url(), control="system32/nosuch.dll", netrc=netrc())
    assert control["state"] == "unknown"
    assert dll["state"] == "present"
    assert other["state"] == "unknown" and "control file" in other["reason"]


def test_absent_needs_a_readable_control_file(own_smbd, netrc):
    smbd = own_smbd()
    smbd.put("system32/secret.dll", b"MZ", mode=0o600)
    assert states(smbd.url(), control="system32/secret.dll", netrc=netrc()) == [
        "accessDenied", "present", "unknown"]
    assert states(smbd.url(), control="system32", netrc=netrc()) == [
        "failed", "present", "unknown"]


def test_denied_file_and_folder(own_smbd, netrc):
    smbd = own_smbd()
    smbd.put("system32/secret.dll", b"MZ secret", mode=0o600)
    (smbd.root / "closed").mkdir(mode=0o700)
    smbd.put("closed/x.dll", b"MZ")
    control, (secret, closed) = ask(
        smbd.url(), files=("system32/secret.dll", "closed/x.dll"), netrc=netrc())
    assert control["state"] == "present"
    assert secret["state"] == "accessDenied" and secret["size"] == 9
    assert closed["state"] == "accessDenied" and "size" not in closed


def test_odd_files(own_smbd, netrc):
    """A folder in its place, an empty file, links, a name to be encoded, a file too large."""
    smbd = own_smbd()
    smbd.put("empty", b"")
    smbd.put("a %41 \xe4#;&.dll", b"odd")
    (smbd.root / "link").symlink_to(CONTROL)
    (smbd.root / "loop").symlink_to("loop")
    (smbd.root / "outside").symlink_to("/etc/passwd")
    with open(smbd.put("huge", b""), "wb") as f:
        f.truncate(5 << 30)
    _, (folder, empty, odd, link, loop, outside, huge) = ask(
        smbd.url(), files=("system32", "empty", "a%20%2541%20%c3%a4%23;&.dll", "link", "loop",
                           "outside", "huge"), netrc=netrc())
    assert folder == {"state": "failed", "reason": "a folder, not a file"}
    assert empty["size"] == 0 and empty["sha256"] == hashlib.sha256(b"").hexdigest()
    assert odd["sha256"] == hashlib.sha256(b"odd").hexdigest()
    assert link["size"] == (smbd.root / CONTROL).stat().st_size
    assert loop["state"] != "present" and outside["state"] != "present"
    assert huge["state"] == "present" and huge["size"] == 5 << 30 and "sha256" not in huge
    assert "limit of 1048576 octets" in huge["reason"]


def test_byte_limit_is_exact(own_smbd, netrc):
    smbd = own_smbd()
    content = random.Random(1).randbytes(300001)
    smbd.put("large", content)
    for limit, complete in ((300001, True), (300000, False), (0, False)):
        _, (large,) = ask(smbd.url(), files=("large",), byteLimit=limit, netrc=netrc())
        assert large["size"] == 300001 and ("sha256" in large) == complete
        assert not complete or large["sha256"] == hashlib.sha256(content).hexdigest()


def contents_of(smbd, name, **keys):
    """(file, its octets or None)"""
    request = request_of(smbd.url(), (name,), contents=True, **keys)
    if not keys.get("control"):
        del request["control"]
    p = subprocess.run([rig.program("ftphealth-smb")], input=json.dumps(request).encode(), stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False, timeout=120)
    assert p.returncode == 0 and p.stderr == b"", p.stderr
    line, _, contents = p.stdout.partition(b"\n")
    answer = json.loads(line)
    assert answer["control"] == {"state": "unknown"}
    assert answer.get("contents", 0) == len(contents)
    return answer["files"][0], contents if "contents" in answer else None


ADSUTIL = b"AnonymousPasswordSync           : (BOOLEAN) True\r\n\0\xff\r\n"


def test_document(own_smbd, netrc):
    """A document comes whole, octet by octet; no control file is needed."""
    smbd = own_smbd()
    smbd.put("sync.txt", ADSUTIL)
    smbd.put("empty.txt", b"")
    smbd.put("denied.txt", b"x", mode=0o600)
    file, contents = contents_of(smbd, "sync.txt", netrc=netrc())
    assert contents == ADSUTIL and file["state"] == "present"
    assert file["sha256"] == hashlib.sha256(ADSUTIL).hexdigest()
    file, contents = contents_of(smbd, "empty.txt", netrc=netrc())
    assert file["size"] == 0 and contents == b""
    for name, state in (("nosuch.txt", "unknown"), ("denied.txt", "accessDenied"),
                        ("system32", "failed")):
        file, contents = contents_of(smbd, name, netrc=netrc())
        assert file["state"] == state and contents is None, file


@pytest.mark.parametrize("protocol", ["NT1", "SMB3"])
def test_tail(own_smbd, netrc, protocol):
    """Of a log too large the end is read, from its place."""
    smbd = own_smbd()
    log = random.Random(2).randbytes(200000)
    smbd.put("ftp.log", log)
    with open(smbd.put("huge.log", b""), "wb") as f:
        f.truncate(5 << 30)
        f.seek((5 << 30) - 3)
        f.write(b"end")
    keys = {"netrc": netrc(), "minProtocol": protocol, "maxProtocol": protocol}
    for limit in (1, 70000, 199999, 200000, 200001):
        file, contents = contents_of(smbd, "ftp.log", byteLimit=limit, tail=True, **keys)
        assert file["size"] == 200000 and contents == log[-limit:]
        assert ("sha256" in file) == (limit >= 200000)
    lines = b"#Fields: a b\n" + b"1 2\n" * 50000
    smbd.put("lines.log", lines)
    file, contents = contents_of(smbd, "lines.log", byteLimit=70000, tail=True, head=True, **keys)
    assert file["size"] == len(lines)
    assert contents == lines[:lines.rfind(b"\n", 0, 8192) + 1] + lines[-70000:]
    file, contents = contents_of(smbd, "huge.log", byteLimit=1000, tail=True, **keys)
    assert file["size"] == 5 << 30 and contents == b"\0" * 997 + b"end"
    file, contents = contents_of(smbd, "ftp.log", byteLimit=199999, **keys)
    assert file["state"] == "failed" and "larger" in file["reason"] and contents is None


def test_without_a_control_file(smbd, netrc):
    request = request_of(smbd.url(), netrc=netrc())
    del request["control"]
    code, out, _ = run(request)
    answer = json.loads(out)
    assert code == 0 and answer["control"] == {"state": "unknown"}
    assert [f["state"] for f in answer["files"]] == ["present", "unknown"]


# ------------------------------------------------------------------ credentials


def test_wrong_password(smbd, netrc):
    everything = ["wrongPassword"] * 3
    assert states(smbd.url(), netrc=netrc(password="wrong")) == everything
    assert states(smbd.url(), netrc=netrc(user="nosuch")) == everything
    for protocol in ("NT1", "SMB3"):
        assert states(smbd.url(), netrc=netrc(password="wrong"), minProtocol=protocol,
                      maxProtocol=protocol) == everything


def test_wrong_password_is_tried_once(own_smbd, netrc):
    """Or hourly probes would lock the account."""
    smbd = own_smbd(log_level="1 auth:3")
    assert states(smbd.url(), netrc=netrc(password="wrong"))[0] == "wrongPassword"
    log = (smbd.folder / "log").read_text()
    assert log.count("FAILED with error NT_STATUS_WRONG_PASSWORD") == 1, log


def test_user_without_access(smbd, netrc):
    control, _ = ask(smbd.url(), netrc=netrc(user="rigother", password="other-pass"))
    assert control["state"] == "accessDenied" and "share" in control["reason"]


def test_anonymous(smbd):
    assert states(smbd.url()) == ["accessDenied"] * 3


def test_share_missing(smbd, netrc):
    assert states(smbd.url(share="NOSUCH$"), netrc=netrc()) == ["shareMissing"] * 3


@pytest.mark.parametrize("login", ["RIG\\rigadmin", "RIG/rigadmin", "rigadmin"])
def test_forms_of_a_login(smbd, netrc, login):
    path = netrc("machine 127.0.0.1\n  login %s\n  password %s\n" % (login, PASSWORD))
    assert states(smbd.url(), netrc=path, domain="RIG")[1] == "present"


def test_systemd_credential(smbd, netrc):
    path = pathlib.Path(netrc(mode=0o400))
    env = {"CREDENTIALS_DIRECTORY": str(path.parent)}
    assert states(smbd.url(), credential="netrc", env=env)[1] == "present"
    code, out, error = run(request_of(smbd.url(), credential="nosuch"), env)
    assert (code, out) == (64, "") and "nosuch" in error


def test_ntlmv1_when_told(own_smbd, netrc):
    smbd = own_smbd(ntlm_auth="ntlmv2-only")
    assert states(smbd.url(), netrc=netrc())[1] == "present"
    assert states(smbd.url(), netrc=netrc(), ntlmv1=True)[1] == "wrongPassword"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_netrc_open_to_others(smbd, netrc, mode):
    code, out, error = run(request_of(smbd.url(), netrc=netrc(mode=mode)))
    assert (code, out) == (64, "") and "chmod 600" in error and PASSWORD not in error


def test_netrc_is_bad(smbd, netrc):
    code, out, error = run(request_of(smbd.url(), netrc=netrc("machine x secret %s" % PASSWORD)))
    assert (code, out) == (64, "") and "line 1" in error and PASSWORD not in error


# ------------------------------------------------------------------ servers that are not there


def test_no_common_protocol(own_smbd, netrc):
    smbd = own_smbd(server_min_protocol="SMB2_02")
    assert states(smbd.url(), netrc=netrc()) == ["present", "present", "absent"]
    control, files = ask(smbd.url(), netrc=netrc(), maxProtocol="NT1")
    assert control["state"] == "failed" and "NT1 to NT1" in control["reason"]
    assert [f["state"] for f in files] == ["failed"] * 2


def test_port_closed(netrc):
    control, _ = ask("smb://127.0.0.1:%d/ADMIN$/" % rig.free_port(), netrc=netrc())
    assert control["state"] == "unreachable" and "refused" in control["reason"]


def test_host_unknown(netrc):
    control, _ = ask("smb://nosuch.invalid/ADMIN$/", netrc=netrc())
    assert control["state"] == "unreachable" and "no address" in control["reason"]


class Silent:
    """Takes connections and answers each with ANSWER, or not at all."""

    def __init__(self, answer=b""):
        self.answer = answer
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.held = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                c, _ = self.socket.accept()
            except OSError:
                return
            self.held.append(c)
            if self.answer:
                try:
                    c.sendall(self.answer)
                except OSError:
                    pass

    def close(self):
        self.socket.close()
        for c in self.held:
            c.close()


def test_silent_port(netrc):
    server = Silent()
    control, files = ask("smb://127.0.0.1:%d/ADMIN$/" % server.port, netrc=netrc(), timeLimit=500)
    assert [control["state"], *(f["state"] for f in files)] == ["timeout"] * 3
    assert control["reason"] == "no answer within 500 ms, logging in"
    server.close()


@pytest.mark.parametrize("answer", [
    b"220 ftp ready\r\n", b"\0" * 4096, b"\xff" * 65536, b"\0\xff\xff\xff" + b"A" * 100000,
    b"\0\0\0\x23\xffSMBr" + b"\xff" * 30, b"\0\0\0\x40\xfeSMB" + b"\xff" * 60,
    b"\0\0\0\x41\xfeSMB\x40\0" + b"\0" * 59], ids=[
        "ftp", "zeros", "ones", "long", "nt1", "smb2", "smb2-zeros"])
def test_nonsense(netrc, answer):
    server = Silent(answer)
    got = states("smb://127.0.0.1:%d/ADMIN$/" % server.port, netrc=netrc(), timeLimit=1000)
    assert got[0] in ("failed", "timeout") and len(set(got)) == 1
    server.close()


# ------------------------------------------------------------------ NetBIOS


class NetBios:
    """Port 139 of a server that has no other: RFC 1002 4.3.1, then what smbd says. CALLED is the
    only name that it answers to."""

    def __init__(self, smbd, called=b"*SMBSERVER"):
        self.smbd, self.called, self.asked = smbd, called, []
        rng = random.SystemRandom()
        self.address = "127.%d.%d.%d" % tuple(rng.randrange(10, 250) for _ in range(3))
        self.socket = socket.create_server((self.address, 139))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                c, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._session, args=(c,), daemon=True).start()

    def _session(self, client):
        with client:
            data = client.recv(72, socket.MSG_WAITALL)
            if len(data) < 72 or data[0] != 0x81:
                return
            half = [c - 0x41 for c in data[5:37]]
            name = bytes(h << 4 | l for h, l in zip(half[::2], half[1::2]))
            self.asked.append(name)
            if name != self.called.ljust(15) + b"\x20":
                client.sendall(b"\x83\0\0\x01\x82")  # called name not present
                return
            client.sendall(b"\x82\0\0\0")
            with socket.create_connection(("127.0.0.1", self.smbd.port)) as server:
                back = threading.Thread(target=pump, args=(server, client), daemon=True)
                back.start()
                pump(client, server)
                back.join(rig.PATIENCE)

    def close(self):
        self.socket.close()


def pump(source, sink):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@pytest.fixture
def netbios(smbd):
    try:
        n = NetBios(smbd)
    except OSError as e:
        if e.errno != errno.EACCES:
            raise
        pytest.skip("port 139 may not be bound here")
    yield n
    n.close()


@pytest.mark.parametrize("port", ["", ":139"])
def test_netbios_alone(netbios, netrc, port):
    """As on NT 4: port 445 is closed, and nothing is said without a NetBIOS session."""
    base = "smb://%s%s/ADMIN$/" % (netbios.address, port)
    assert states(base, netrc=netrc(), maxProtocol="NT1") == ["present", "present", "absent"]
    # First the host as it is called, then the name that any server of NT 4 and later answers to.
    assert netbios.asked[0] == netbios.address.encode().ljust(15)[:15] + b"\x20"
    assert netbios.asked[1] == b"*SMBSERVER     \x20"


# ------------------------------------------------------------------ the process


@pytest.mark.parametrize("request_, word", [
    (b"", "no JSON"), (b"{", "no JSON"), (b"[]", "object"), (b"\0" * 100, "no JSON"),
    (b" " * 70000, "longer"), (request_of("smb://h/s\n/"), "control"),
    (request_of("smb://u:p@h/s/"), "netrc"), (request_of("smb://h/s/", timeLimit=0), "timeLimit"),
    (request_of("smb://h/s/", password="x"), "password"),
    (request_of("smb://h/s/", netrc="/nosuch/netrc"), "No such file"),
    (request_of("smb://h/s/", netrc="/dev/zero"), "regular")], ids=[
        "empty", "half", "list", "zeros", "long", "newline", "password-in-url", "limit",
        "password", "no-netrc", "device"])
def test_bad_request(request_, word):
    code, out, error = run(request_)
    assert (code, out) == (64, "") and word in error and error.count("\n") == 1


def test_arguments_are_refused():
    p = subprocess.run([rig.program("ftphealth-smb"), "smb://h/s/f"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60)
    assert p.returncode == 64 and b"usage" in p.stderr and p.stdout == b""


def test_nothing_of_the_host(smbd, netrc):
    """Neither the user's nor the host's Samba configuration counts, nor is anything left behind."""
    home = rig.temporary_folder()
    (home / ".smb").mkdir()
    (home / ".smb/smb.conf").write_text(
        "[global]\nclient min protocol = SMB3_11\nclient max protocol = SMB3_11\n"
        "log file = %s/log\ncache directory = %s\n" % (home, home))
    before = sorted(home.rglob("*"))
    env = {"HOME": str(home), "TMPDIR": str(home), "LIBSMB_PROG": "touch %s/ran" % home}
    p = subprocess.Popen([rig.program("ftphealth-smb")], env=dict(os.environ, **env),
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    answer = json.loads(p.communicate(json.dumps(request_of(
        smbd.url(), netrc=netrc(), maxProtocol="NT1")).encode())[0])
    assert [f["state"] for f in (answer["control"], *answer["files"])] == ["present", "present", "absent"]
    assert sorted(home.rglob("*")) == before
    assert not list(pathlib.Path("/tmp").glob("ftphealth-smb.%d.*" % p.pid))
    rig.remove_folder(home)


def test_confined():
    """While it waits: no core file, no debugger, no new privileges, no descriptor of ours."""
    extra = os.open("/dev/null", os.O_RDONLY)
    server = Silent()
    data = json.dumps(request_of("smb://127.0.0.1:%d/s/" % server.port)).encode()
    p = subprocess.Popen([rig.program("ftphealth-smb")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         pass_fds=(extra,))
    try:
        p.stdin.write(data)
        p.stdin.close()
        rig.wait_until(lambda: len(server.held) >= 2, "it to log in")
        status = dict(line.split(":", 1) for line in
                      pathlib.Path("/proc/%d/status" % p.pid).read_text().splitlines())
        assert status["NoNewPrivs"].strip() == "1"
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
        assert resource.prlimit(p.pid, resource.RLIMIT_CORE) == (0, 0)
        assert resource.prlimit(p.pid, resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
        if os.geteuid() == 0:
            links = [os.readlink(f) for f in pathlib.Path("/proc/%d/fd" % p.pid).iterdir()]
            assert links.count("/dev/null") == 1, links  # its own standard output
        for secret in ("environ", "cmdline"):
            if os.geteuid() == 0:
                content = pathlib.Path("/proc/%d" % p.pid, secret).read_bytes()
                assert b"pass" not in content.lower()
    finally:
        p.kill()
        p.wait()
        p.stdout.close()
        os.close(extra)
        server.close()


def test_request_that_does_not_come():
    reader, writer = os.pipe()
    code, out, error = run(b"", stdin=reader)
    os.close(reader)
    os.close(writer)
    assert (code, out) == (64, "") and "no request" in error
