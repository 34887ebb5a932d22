# SPDX-License-Identifier: ISC
"""ftphealth-fetch: files of this host and by URL, on servers that are good, odd or worse."""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import random
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

import rig

USER, PASSWORD = "rigadmin", "S3cret-pass"
DLL = b"MZ\x90\0not really a DLL\n"
SHA = hashlib.sha256(DLL).hexdigest()
LIMIT = 1 << 16


def run(request, env=None, **keys):
    """(exit code, standard output, standard error); REQUEST is an object or octets."""
    code, out, error = rig.run_program(rig.program("ftphealth-fetch"), request, env, **keys)
    assert PASSWORD not in error and PASSWORD.encode() not in out
    return code, out, error


def ask(files, env=None, **keys):
    """The answer: (control, [file, ...], contents)."""
    request = dict({"version": 1, "files": files, "timeLimit": 60000, "byteLimit": LIMIT}, **keys)
    code, out, error = run(request, env)
    assert code == 0 and error == "", error
    line, _, contents = out.partition(b"\n")
    assert len(line) < 8192
    answer = json.loads(line)
    assert answer["version"] == 1 and len(answer["files"]) == len(files)
    if "contents" in answer:
        assert answer["contents"] == len(contents) and request["contents"]
        return answer["control"], answer["files"], contents
    assert contents == b""
    return answer["control"], answer["files"], None


def ask_one(address, **keys):
    return ask([address], **keys)[1][0]


def contents_of(address, **keys):
    """(file, its octets)"""
    _, (file,), contents = ask([address], contents=True, **keys)
    return file, contents


@pytest.fixture
def folder():
    f = rig.temporary_folder()
    (f / "msv1_0.dll").write_bytes(b"MZ the control file")
    (f / "iissuba.dll").write_bytes(DLL)
    yield f
    rig.remove_folder(f)


@pytest.fixture
def netrc():
    f = rig.temporary_folder()

    def write(text=None, mode=0o600):
        path = f / "netrc"
        path.write_text(text or "machine 127.0.0.1 login %s password %s\n" % (USER, PASSWORD))
        path.chmod(mode)
        return str(path)
    yield write
    rig.remove_folder(f)


# ------------------------------------------------------------------ files of this host


@pytest.mark.parametrize("form", ["%s", "file://%s", "FILE://localhost%s"])
def test_present_and_absent(folder, form):
    name = (form % folder) + "/"
    control, (dll, other), _ = ask([name + "iissuba.dll", name + "inetsrv/iissuba.dll"],
                                   control=name + "msv1_0.dll")
    assert control["state"] == "present"
    assert dll == {"state": "present", "size": len(DLL), "sha256": SHA,
                   "mtime": int((folder / "iissuba.dll").stat().st_mtime)}
    assert other == {"state": "absent"}


def test_absent_needs_the_control_file(folder):
    name = str(folder) + "/"
    for control in (None, name + "nosuch", name, name + "denied"):
        pathlib.Path(name + "denied").touch(0)
        keys = {"control": control} if control else {}
        got, (dll, other), _ = ask([name + "iissuba.dll", name + "other"], **keys)
        assert got["state"] != "present" and dll["state"] == "present"
        assert other["state"] == "unknown" and "control file" in other["reason"]


def test_absent_needs_the_same_file_system(folder):
    """As on a folder where the share is not mounted just now."""
    if os.stat("/proc").st_dev == os.stat(folder).st_dev:
        pytest.skip("/proc is no file system of its own")
    control, (other,), _ = ask(["/proc/nosuch/iissuba.dll"], control=str(folder / "msv1_0.dll"))
    assert control["state"] == "present"
    assert other["state"] == "unknown" and "another file system" in other["reason"]


def test_odd_files(folder):
    """What is no regular file is neither opened nor waited for."""
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    (folder / "link").symlink_to("iissuba.dll")
    (folder / "dangling").symlink_to("nosuch")
    (folder / "empty").touch()
    (folder / "a %41 \u00e4.dll").write_bytes(DLL)
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(folder / "socket"))
        names = ("pipe", "loop", "link", "dangling", "empty", "a %41 \u00e4.dll", "socket")
        control, files, _ = ask([str(folder / n) for n in names],
                                control=str(folder / "msv1_0.dll"))
    pipe, loop, link, dangling, empty, odd, sock = files
    assert control["state"] == "present"
    assert pipe == {"state": "failed", "reason": "a named pipe, not a regular file"}
    assert loop["state"] == "failed" and "loop" in loop["reason"]
    assert link["sha256"] == odd["sha256"] == SHA
    assert dangling["state"] == "absent"
    assert empty["size"] == 0 and empty["sha256"] == hashlib.sha256(b"").hexdigest()
    assert sock == {"state": "failed", "reason": "a socket, not a regular file"}
    assert ask_one(str(folder)) == {"state": "failed", "reason": "a folder, not a regular file"}
    assert ask_one("/dev/zero") == {"state": "failed", "reason": "a device, not a regular file"}
    assert ask_one(str(folder / "iissuba.dll/x"))["state"] == "unknown"
    for name in ("pipe", "socket", "loop", ""):
        assert contents_of(str(folder / name))[0]["state"] == "failed"


def test_unreadable(folder):
    """Not even for root: its capabilities are gone by then."""
    (folder / "secret").write_bytes(DLL)
    (folder / "secret").chmod(0)
    (folder / "closed").mkdir()
    (folder / "closed/x").touch()
    (folder / "closed").chmod(0)
    _, (secret, closed), _ = ask([str(folder / "secret"), str(folder / "closed/x")],
                                 control=str(folder / "msv1_0.dll"))
    assert secret["state"] == "accessDenied" and secret["size"] == len(DLL)
    assert closed["state"] == "accessDenied" and "size" not in closed
    assert contents_of(str(folder / "secret"))[0]["state"] == "accessDenied"
    (folder / "closed").chmod(0o700)


def test_huge_file(folder):
    path = folder / "huge"
    with open(path, "wb") as f:
        f.truncate(2 << 30)
        f.seek((2 << 30) - 3)
        f.write(b"end")
    huge = ask_one(str(path))
    assert huge["state"] == "present" and huge["size"] == 2 << 30 and "sha256" not in huge
    assert "limit of 65536 octets" in huge["reason"]
    file, contents = contents_of(str(path))
    assert file["state"] == "failed" and "limit" in file["reason"] and contents is None
    file, contents = contents_of(str(path), tail=True)
    assert file["state"] == "present" and file["size"] == 2 << 30 and "sha256" not in file
    assert contents == b"\0" * (LIMIT - 3) + b"end"


@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT + 7])
@pytest.mark.parametrize("tail", [False, True])
def test_contents(folder, size, tail):
    data = random.Random(size).randbytes(size)
    (folder / "document").write_bytes(data)
    file, contents = contents_of(str(folder / "document"), tail=tail)
    assert file["size"] == size
    if size > LIMIT and not tail:
        assert file["state"] == "failed" and contents is None
        return
    assert file["state"] == "present" and contents == data[-LIMIT:]
    assert file.get("sha256") == (hashlib.sha256(data).hexdigest() if size <= LIMIT else None)


HEAD = 8192  # octets of the head, at most


def log_of(size):
    """Lines, of which each is another, and what is left of them with the head that is asked for."""
    data = b"".join(b"line %d\n" % i for i in range(size // 6 + 1))[:size]
    head = data[:min(HEAD, max(0, size - LIMIT))]
    return data, head[:head.rfind(b"\n") + 1] + data[-LIMIT:]


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1, LIMIT + 9, LIMIT + HEAD + 1, 3 * LIMIT + 7])
def test_head(folder, size):
    data, wanted = log_of(size)
    (folder / "log").write_bytes(data)
    file, contents = contents_of(str(folder / "log"), tail=True, head=True)
    assert file["state"] == "present" and file["size"] == size and contents == wanted
    assert ("sha256" in file) == (size == LIMIT)


def test_largest_contents(folder):
    """The most that may be asked for fits into the memory that it allows itself."""
    most = 64 << 20
    data = random.Random(1).randbytes(1 << 20) * 64
    (folder / "document").write_bytes(data)
    _, contents = contents_of(str(folder / "document"), byteLimit=most)
    assert contents == data
    code, _, error = run({"version": 1, "files": ["/x"], "timeLimit": 1000, "byteLimit": most + 1,
                          "contents": True})
    assert code == 64 and "byteLimit" in error


def test_file_that_grows_while_it_is_read():
    """/proc/self/maps and such: regular files of no size, that have octets."""
    file, contents = contents_of("/proc/self/status")
    assert file["state"] == "failed" and "changed" in file["reason"] and contents is None


# ------------------------------------------------------------------ HTTP


class Web(http.server.ThreadingHTTPServer):
    """Says what the path tells it to."""
    daemon_threads = True

    def __init__(self, **pages):
        super().__init__(("127.0.0.1", 0), Page)
        self.pages = {"/" + k: v for k, v in pages.items()}
        self.asked = []  # (path, Authorization, Range)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, name):
        return "http://127.0.0.1:%d/%s" % (self.port, name)

    def handle_error(self, request, client_address):
        pass  # clients that go away are what is tested

    def close(self):
        self.shutdown()
        self.server_close()


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Authorization"],
                                  self.headers["Range"]))
        page = self.server.pages.get(self.path, 404)
        if callable(page):
            page(self)
        elif isinstance(page, bytes):
            self.send(200, page, {"Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT"})
        elif isinstance(page, int):
            self.send(page, b"<html>no</html>")
        else:
            self.send(302, b"there", {"Location": page})

    def send(self, code, body, headers=None):
        self.send_response(code)
        for item in (headers or {}).items():
            self.send_header(*item)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def raw(self, octets):
        self.wfile.write(octets)
        self.close_connection = True


@pytest.fixture
def web():
    made = []

    def make(**pages):
        made.append(Web(**pages))
        return made[-1]
    yield make
    for w in made:
        w.close()


def test_http_present_and_absent(web):
    w = web(dll=DLL, control=b"control", gone=410)
    control, (dll, missing, gone), _ = ask([w.url(n) for n in ("dll", "missing", "gone")],
                                           control=w.url("control"))
    assert control["state"] == "present"
    assert dll == {"state": "present", "size": len(DLL), "mtime": 784111777, "sha256": SHA}
    assert missing == gone == {"state": "absent"}
    assert ask_one(w.url("missing"))["state"] == "unknown"
    assert ask_one(w.url("missing"), control=w.url("missing"))["state"] == "unknown"


@pytest.mark.parametrize("code, state", [
    (403, "accessDenied"), (401, "wrongPassword"), (407, "wrongPassword"), (500, "failed"),
    (503, "failed"), (400, "failed"), (204, "failed"), (304, "failed"), (206, "failed")])
def test_http_codes(web, code, state):
    w = web(x=code, control=b"c")
    _, (file,), _ = ask([w.url("x")], control=w.url("control"))
    assert file["state"] == state and "HTTP %d" % code in file["reason"]


def basic(page):
    if page.headers["Authorization"] == "Basic " + base64.b64encode(
            ("%s:%s" % (USER, PASSWORD)).encode()).decode():
        page.send(200, DLL)
    else:
        page.send(401, b"who?", {"WWW-Authenticate": 'Basic realm="x"'})


def test_http_password(web, netrc):
    w = web(dll=basic, other=basic)
    assert ask_one(w.url("dll"), netrc=netrc())["sha256"] == SHA
    env = {"CREDENTIALS_DIRECTORY": str(pathlib.Path(netrc()).parent)}
    assert ask_one(w.url("dll"), credential="netrc", env=env)["sha256"] == SHA
    assert "wants a user" in ask_one(w.url("dll"))["reason"]


def test_http_wrong_password_is_tried_once(web, netrc):
    w = web(dll=basic, other=basic)
    control, files, _ = ask([w.url("dll"), w.url("other")], control=w.url("dll"),
                            netrc=netrc("default login %s password wrong" % USER))
    assert [control["state"], *(f["state"] for f in files)] == ["wrongPassword"] * 3
    assert sum(1 for _, authorization, _ in w.asked if authorization) == 1


def test_credentials_for_another_host(web, netrc):
    w = web(dll=DLL)
    code, out, error = run({"version": 1, "files": [w.url("dll")], "timeLimit": 1000,
                            "byteLimit": 1, "netrc": netrc("machine other login u password p")})
    assert (code, out) == (64, b"") and "no entry for machine 127.0.0.1" in error
    assert w.asked == []


def test_http_redirects(web, netrc):
    """At most three, to http and https alone, and without the password to another place."""
    other = web(dll=DLL)
    w = web(dll=basic, a="/b", b="/c", c="/d", d=DLL, e="/a", file="file:///etc/passwd",
            ftp="ftp://127.0.0.1:1/dll", loop="/loop", away=lambda p: (
                basic(p) if not p.headers["Authorization"] else
                p.send(302, b"", {"Location": other.url("dll")})))
    assert contents_of(w.url("a"))[1] == DLL
    assert contents_of(w.url("away"), netrc=netrc())[1] == DLL
    assert [a for a in other.asked if a[1]] == [] and len(other.asked) == 1
    for name in ("e", "loop"):
        assert "3 redirects" in ask_one(w.url(name))["reason"]
    for name in ("file", "ftp"):
        file, contents = contents_of(w.url(name))
        assert file["state"] == "failed" and "redirected" in file["reason"] and contents is None


def test_http_redirected_to_a_page_of_another_name(web):
    """A form to log in is not the file that was asked for."""
    w = web(dll="/login?from=dll", **{"login?from=dll": b"<html>", "x/dll": DLL, "moved": "/x/dll"})
    assert ask_one(w.url("dll"))["state"] == "unknown"
    w.pages["/dll"] = "/x/dll"
    assert ask_one(w.url("dll"))["sha256"] == SHA


@pytest.mark.parametrize("code", [404, 410])
def test_http_redirected_to_what_is_not_there(web, code):
    """Only the page of that name, on that host, is proof of absence."""
    other = web(dll=code)
    far = other.url("dll").replace("127.0.0.1", "localhost")
    w = web(dll="/x/dll", login="/nosuch", away=far, control=b"control",
            **{"x/dll": code, "nosuch": code, "near/dll": other.url("dll"), "far/dll": far})
    names = ("dll", "near/dll", "login", "away", "far/dll")
    _, (dll, near, login, away, far), _ = ask([w.url(n) for n in names], control=w.url("control"))
    assert dll == near == {"state": "absent"}
    assert login == away == {"state": "unknown",
                             "reason": "the server redirects to a page of another name"}
    assert far == {"state": "unknown", "reason": "the server redirects to another host"}


def endless(page):
    page.wfile.write(b"HTTP/1.1 %d x\r\nConnection: close\r\n\r\n" % int(page.path[1:4]))
    while True:
        page.wfile.write(b"x" * 65536)


def test_http_endless(web):
    """Without a Content-Length: nobody waits for the end."""
    w = web(**{"200": endless, "404": endless, "500": endless})
    assert "larger than the limit" in ask_one(w.url("200"))["reason"]
    assert ask_one(w.url("404"))["state"] == "unknown"
    assert ask_one(w.url("500")) == {"state": "failed", "reason": "HTTP 500"}
    assert contents_of(w.url("200"))[0]["state"] == "failed"
    file, _ = contents_of(w.url("200"), tail=True, byteLimit=4096)
    assert file == {"state": "failed",
                    "reason": "larger than 64 times the limit of 4096 octets"}


def test_http_endless_headers(web):
    def headers(page):
        page.wfile.write(b"HTTP/1.1 200 x\r\n")
        while True:
            page.wfile.write(b"X: " + b"x" * 1000 + b"\r\n")
    file = ask_one(web(x=headers).url("x"))
    assert file["state"] == "failed" and "without end" in file["reason"]


def test_http_lengths_that_lie(web):
    def of(length, body=DLL):
        return lambda page: page.raw(b"HTTP/1.1 200 x\r\nContent-Length: %s\r\n\r\n%s"
                                     % (length, body))
    w = web(more=of(b"50"), huge=of(b"5000000000"), less=of(b"2"), bad=of(b"x"), minus=of(b"-1"),
            empty=of(b"0", b""))
    more = ask_one(w.url("more"))
    assert more["state"] == "failed" and "sha256" not in more
    huge = ask_one(w.url("huge"))
    assert huge["state"] == "present" and huge["size"] == 5000000000 and "limit" in huge["reason"]
    assert ask_one(w.url("less"))["sha256"] == hashlib.sha256(DLL[:2]).hexdigest()
    assert ask_one(w.url("empty"))["sha256"] == hashlib.sha256(b"").hexdigest()
    for name in ("bad", "minus"):
        assert ask_one(w.url(name))["state"] in ("failed", "present")


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("size", [0, 5, LIMIT, LIMIT + 1, 3 * LIMIT + 7])
def test_http_tail(web, ranges, size):
    data = random.Random(size).randbytes(size)

    def log(page):
        wanted = page.headers["Range"]
        if not (ranges and wanted):
            page.send(200, data)
        elif not data:
            page.send(416, b"", {"Content-Range": "bytes */0"})
        else:
            n = min(int(wanted.partition("=-")[2]), size)
            page.send(206, data[-n:], {"Content-Range": "bytes %d-%d/%d" % (
                size - n, size - 1, size)})
    w = web(log=log)
    file, contents = contents_of(w.url("log"), tail=True)
    assert file["state"] == "present" and file["size"] == size and contents == data[-LIMIT:]
    assert w.asked[0][2] == "bytes=-%d" % LIMIT


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("size", [0, 5, LIMIT, LIMIT + 9, 3 * LIMIT + 7])
def test_http_head(web, ranges, size):
    data, wanted = log_of(size)

    def log(page):
        wanted = page.headers["Range"]
        if not (ranges and wanted):
            page.send(200, data)
            return
        first, _, last = wanted.partition("=")[2].partition("-")
        start = int(first) if first else max(0, size - int(last))
        end = min(size, int(last) + 1) if first and last else size
        if not data:
            page.send(416, b"", {"Content-Range": "bytes */0"})
        else:
            page.send(206, data[start:end], {"Content-Range": "bytes %d-%d/%d" % (
                start, end - 1, size)})
    w = web(log=log)
    file, contents = contents_of(w.url("log"), tail=True, head=True)
    assert file["state"] == "present" and file["size"] == size and contents == wanted


@pytest.mark.parametrize("status,state", [(404, "unknown"), (401, "wrongPassword"),
                                          (403, "accessDenied"), (500, "failed")])
def test_http_head_is_refused(web, status, state):
    """What is so for the head is so for the log; it is not asked for again."""
    w = web(log=lambda page: page.send(status, b""))
    file, contents = contents_of(w.url("log"), tail=True, head=True)
    assert file["state"] == state and contents is None and len(w.asked) == 1


def test_http_slow(web):
    """It is over when the time is."""
    def drip(page):
        page.wfile.write(b"HTTP/1.1 200 x\r\n\r\n")
        while True:
            page.wfile.write(b"x")
            time.sleep(0.05)
    w = web(x=drip, c=b"control")
    control, (file,), _ = ask([w.url("x")], control=w.url("c"), timeLimit=500)
    assert control["state"] == "present"
    assert file == {"state": "timeout", "reason": "no answer within 500 ms, reading the files"}
    assert contents_of(w.url("x"), timeLimit=500)[0]["state"] == "timeout"


class Silent:
    """Takes connections, says ANSWER to each, and nothing more."""

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
                self.held.append(c)
                c.sendall(self.answer)
            except OSError:
                if self.socket.fileno() < 0:
                    return

    def close(self):
        self.socket.close()
        for c in self.held:
            c.close()


@pytest.fixture
def silent():
    made = []

    def make(answer=b""):
        made.append(Silent(answer))
        return made[-1]
    yield make
    for s in made:
        s.close()


@pytest.mark.parametrize("scheme", ["http", "https", "ftp", "ftps", "sftp", "scp"])
def test_silence(silent, scheme):
    file = ask_one("%s://127.0.0.1:%d/x" % (scheme, silent().port), timeLimit=500)
    assert file["state"] == "timeout" and "500 ms" in file["reason"]


@pytest.mark.parametrize("scheme", ["http", "https", "ftp", "ftps", "sftp", "scp"])
@pytest.mark.parametrize("answer", [b"\0" * 4096, b"\xff" * 65536, b"\x1b[2J" * 99 + b"\r\n",
                                    b"220 " + b"x" * 99999], ids=[
                                        "zeros", "ones", "escapes", "long"])
def test_nonsense(silent, scheme, answer):
    file = ask_one("%s://127.0.0.1:%d/x" % (scheme, silent(answer).port), timeLimit=1000)
    assert file["state"] in ("failed", "timeout", "wrongPassword")
    assert file.get("reason", "").isprintable()


@pytest.mark.parametrize("scheme", ["http", "https", "ftp", "ftps", "sftp", "scp"])
def test_unreachable(scheme):
    port = rig.free_port()
    file = ask_one("%s://127.0.0.1:%d/x" % (scheme, port))
    assert file["state"] == "unreachable" and "connect" in file["reason"].lower()
    file = ask_one("%s://nosuch.invalid:%d/x" % (scheme, port))
    assert file["state"] == "unreachable" and "resolve" in file["reason"]


def test_tls(web):
    """Not TLS at all, and a certificate that nobody vouches for."""
    w = web(dll=DLL)
    plain = ask_one(w.url("dll").replace("http:", "https:"))
    assert plain["state"] == "failed" and plain["reason"].startswith("TLS: ")
    if not shutil.which("openssl"):
        return
    folder = rig.temporary_folder()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
                    "/CN=127.0.0.1", "-keyout", str(folder / "key"), "-out", str(folder / "cert")],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(folder / "cert"), str(folder / "key"))
    rig.remove_folder(folder)
    w.socket = context.wrap_socket(w.socket, server_side=True)
    own = ask_one(w.url("dll").replace("http:", "https:"))
    assert own["state"] == "failed" and "certificate" in own["reason"]
    assert w.asked == []


def test_proxy_and_other_variables_do_not_count(web, folder):
    proxy = web()
    w = web(dll=DLL)
    env = {"http_proxy": proxy.url(""), "ALL_PROXY": proxy.url(""), "HOME": str(folder),
           "SSLKEYLOGFILE": str(folder / "keys")}
    (folder / ".netrc").write_text("default login u password p")
    assert ask_one(w.url("dll"), env=env)["sha256"] == SHA
    assert proxy.asked == [] and w.asked[0][1] is None
    ask_one(w.url("dll").replace("http:", "https:"), env=env)
    assert not (folder / "keys").exists()


# ------------------------------------------------------------------ FTP


@pytest.mark.parametrize("server", ["proftpd", "pure-ftpd"])
def test_ftp(real_server, server):
    s = real_server(server)
    anon = s.folder / "anon"
    for name, data in (("iissuba.dll", DLL), ("control", b"c"), ("secret", b"s"),
                       ("log", b"0123456789" * 10000)):
        (anon / name).write_bytes(data)
        (anon / name).chmod(0o644)
    (anon / "secret").chmod(0)
    (anon / "folder").mkdir(mode=0o755)
    base = "ftp://%s/" % s.where
    names = ("iissuba.dll", "missing", "inetsrv/missing", "secret", "folder", "log")
    control, files, _ = ask([base + n for n in names], control=base + "control")
    dll, missing, deeper, secret, a_folder, log = files
    assert control["state"] == "present"
    assert dll == {"state": "present", "size": len(DLL), "sha256": SHA,
                   "mtime": int((anon / "iissuba.dll").stat().st_mtime)}
    assert missing == {"state": "absent"} and deeper["state"] == "absent"
    assert secret["state"] == "accessDenied"
    assert a_folder["state"] in ("failed", "unknown")
    assert log["state"] == "present" and log["size"] == 100000 and "sha256" not in log
    file, contents = contents_of(base + "log", tail=True, byteLimit=2005)
    assert file["size"] == 100000 and contents == b"56789" + b"0123456789" * 200


def test_ftp_replies(ftp, netrc):
    """A refused login is tried once; what the server repeats of the password is not passed on."""
    def refused(name, **keys):
        s = ftp(name)
        control, (file,), _ = ask(["ftp://127.0.0.1:%d/x" % s.port],
                                  control="ftp://127.0.0.1:%d/c" % s.port, **keys)
        assert control["state"] == file["state"]
        return file, s
    file, s = refused("q269241", netrc=netrc())
    assert file == {"state": "wrongPassword", "reason": "530 User *********** cannot log in."}
    assert len(s.sessions) == 1 and s.sessions[0].password == PASSWORD
    assert refused("pass-421")[0] == {"state": "failed", "reason": "421 Timeout."}
    assert refused("banner-421")[0]["state"] == "failed"
    file, _ = refused("escapes")
    assert file["reason"].isprintable()


# ------------------------------------------------------------------ the process


def request_of(address, **keys):
    return dict({"version": 1, "files": [address], "timeLimit": 1000, "byteLimit": 1}, **keys)


@pytest.mark.parametrize("request_, word", [
    (b"", "no JSON"), (b"{", "no JSON"), (b"[]", "object"), (b"\0" * 100, "no JSON"),
    (b" " * 70000, "longer"), (b"\xff\xfe", "no JSON"), (request_of("relative"), "absolute"),
    (request_of("smb://h/s/f"), "none of http"), (request_of("gopher://h/f"), "none of http"),
    (request_of("http://u:%s@h/f" % PASSWORD), "netrc"), (request_of("ftp://h/f/"), "a folder"),
    (request_of("http://h/\n"), "control character"),
    (request_of("/f", control="http://h/f"), "same server"),
    (request_of("http://h/f", netrc="/nosuch/netrc"), "No such file"),
    (request_of("http://h/f", netrc="/dev/zero"), "regular"),
    (request_of("http://h/f", credential="nosuch"), "nosuch"),
    (request_of("/f", contents=True, files=["/f", "/g"]), "one file")], ids=[
        "empty", "half", "list", "zeros", "long", "octets", "relative", "smb", "gopher",
        "password-in-url", "folder", "newline", "two-places", "no-netrc", "device",
        "no-credential", "two-contents"])
def test_bad_request(request_, word):
    code, out, error = run(request_)
    assert (code, out) == (64, b"") and word in error and error.count("\n") == 1


def test_confined(silent, netrc):
    """While it waits: no core file, no debugger, no new privileges, and no secret to be seen."""
    server = silent(b"220 ready\r\n")
    p = subprocess.Popen([rig.program("ftphealth-fetch")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    try:
        p.stdin.write(json.dumps(request_of("ftp://127.0.0.1:%d/x" % server.port, netrc=netrc(),
                                            timeLimit=60000)).encode())
        p.stdin.close()
        rig.wait_until(lambda: server.held, "it to connect")
        proc = pathlib.Path("/proc/%d" % p.pid)
        status = dict(line.split(":", 1) for line in
                      (proc / "status").read_text().splitlines())
        assert status["NoNewPrivs"].strip() == "1"
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
        limits = (proc / "limits").read_text()
        assert "Max core file size        0                    0" in limits
        if os.geteuid() == 0:
            for name in ("environ", "cmdline"):
                assert PASSWORD.encode() not in (proc / name).read_bytes()
            assert (proc / "environ").stat().st_uid == 0
        p.kill()  # as is done when its time is over
        assert p.stdout.read() == p.stderr.read() == b""
    finally:
        p.kill()
        p.wait()
        p.stdout.close()
        p.stderr.close()


def test_request_that_does_not_come():
    reader, writer = os.pipe()
    code, out, error = run(b"", stdin=reader)
    os.close(reader)
    os.close(writer)
    assert (code, out) == (64, b"") and "no request" in error
