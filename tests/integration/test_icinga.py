# SPDX-License-Identifier: ISC
"""Icinga 2 with the files of integrations/icinga2: it checks them, runs them against a live daemon,
and takes what traps say."""
import base64
import grp
import http.client
import json
import os
import pwd
import re
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import nms
import rig
from nms import CRITICAL, OK, UNKNOWN, WARNING

HARD = 1
BY_TRAP = ("FTP monitor traps", "FTP mass failure")


def certify(key, certificate):
    """A certificate of localhost that stands for itself; quicker than `icinga2 api setup`."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                   check=True, stderr=subprocess.DEVNULL, timeout=60)


class Icinga:
    """Icinga 2 as Debian has it, in a folder of its own, with its API on loopback."""

    def __init__(self, files, objects):
        self.folder = rig.temporary_folder()
        self.folder.chmod(0o755)
        package = nms.unpacked("icinga2", "usr/share/icinga2/include/itl")
        f, self.port = self.folder, rig.free_port()
        libraries = next(package.glob("usr/lib/*/icinga2/sbin/icinga2")).parents[2]
        self.env = dict(os.environ, LC_ALL="C", LD_LIBRARY_PATH=str(libraries))
        self.program = str(libraries / "icinga2/sbin/icinga2")
        self.defines = {
            "Configuration.ConfigDir": f, "Configuration.DataDir": f / "data",
            "Configuration.LogDir": f / "log", "Configuration.CacheDir": f / "cache",
            "Configuration.SpoolDir": f / "spool", "Configuration.InitRunDir": f / "run",
            "Configuration.PidPath": f / "run/pid", "Configuration.StatePath": f / "data/state",
            "Configuration.ModAttrPath": f / "data/modified",
            "Configuration.VarsPath": f / "cache/vars",
            "Configuration.ObjectsPath": f / "cache/objects",
            "Configuration.RunAsUser": pwd.getpwuid(os.geteuid()).pw_name,
            "Configuration.RunAsGroup": grp.getgrgid(os.getegid()).gr_name}
        for name in ("data/certs", "data/ca", "log", "cache", "spool", "run"):
            (f / name).mkdir(parents=True)
        self.include = package / "usr/share/icinga2/include"
        text = """
const NodeName = "localhost"
const ZoneName = NodeName
const PluginDir = "%s"
include <itl>
include <plugins>
include "%s"
object CheckerComponent "checker" { }
object Endpoint NodeName { }
object Zone ZoneName { endpoints = [ NodeName ] }
object ApiListener "api" { bind_host = "127.0.0.1"; bind_port = %d }
object ApiUser "tests" { password = "tests"; permissions = [ "objects/query/*", "actions/*" ] }
include "%s"
""" % (nms.plugins(f / "plugins"), package / "etc/icinga2/conf.d/templates.conf", self.port,
            files / "icinga2/ftp-auth-health.conf")
        (f / "icinga2.conf").write_text(text + objects)
        self.process = self.connection = None
        self.ca = f / "data/certs/ca.crt"
        certify(self.ca.with_name("localhost.key"), self.ca.with_name("localhost.crt"))
        self.ca.write_bytes(self.ca.with_name("localhost.crt").read_bytes())

    def command(self, *words):
        """WORDS are its command, and the options of it behind."""
        defines = [word for pair in self.defines.items() for word in ("-D", "%s=%s" % pair)]
        return [self.program, *map(str, words), *defines, "-I", str(self.include)]

    def call(self, *words):
        p = subprocess.run(self.command(*words), env=self.env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                           timeout=60)
        return p.returncode, p.stdout.decode("utf-8", "replace")

    def verify(self):
        return self.call("daemon", "-C", "-c", self.folder / "icinga2.conf")

    def start(self):
        with open(self.folder / "out", "wb") as out:
            self.process = subprocess.Popen(
                self.command("daemon", "-x", "warning", "-c", self.folder / "icinga2.conf"),
                env=self.env, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                start_new_session=True)
        rig.wait_until(self.services, "the API of Icinga")
        return self

    url = property(lambda self: "https://localhost:%d" % self.port)

    def request(self, path, body=None):
        """One connection for all: shaking hands costs more than the answer."""
        if not self.connection:
            self.connection = http.client.HTTPSConnection(
                "localhost", self.port, timeout=rig.PATIENCE,
                context=ssl.create_default_context(cafile=self.ca))
        try:
            self.connection.request("POST" if body else "GET", path, body and json.dumps(body), {
                "Accept": "application/json",
                "Authorization": "Basic " + base64.b64encode(b"tests:tests").decode()})
            return json.loads(self.connection.getresponse().read())["results"]
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise

    def services(self):
        """{name: attributes}"""
        try:
            return {r["attrs"]["name"]: r["attrs"] for r in
                    self.request("/v1/objects/services?filter=host.name==%22noc1%22")}
        except (OSError, http.client.HTTPException):
            return {}

    def state(self, service):
        """(state, whether it is hard, output)"""
        s = self.services().get(service)
        result = s and s["last_check_result"]
        return result and (int(s["state"]), int(s["state_type"]), result["output"])

    def wait(self, service, state, word=""):
        """Its attributes, and the performance data of its latest result."""
        seen = {}

        def there():
            s = self.services().get(service)
            result = s and s["last_check_result"]
            if not result or (int(s["state"]), int(s["state_type"])) != (state, HARD):
                return False
            seen.update(s, performance=result["performance_data"])
            return word in result["output"]
        try:
            rig.wait_until(there, "%s to be %d" % (service, state))
        except AssertionError as e:
            raise AssertionError("%s; it is %s" % (e, self.state(service))) from e
        return seen

    def close(self):
        if self.connection:
            self.connection.close()
        if self.process:
            rig.end_group(self.process)
            print("--- log of Icinga ---\n" + (self.folder / "out").read_text("utf-8", "replace"))
        rig.remove_folder(self.folder)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    for name, file in (("icinga2", "usr/share/icinga2/include/itl"),
                       ("plugins", "usr/lib/nagios/plugins/check_snmp")):
        if nms.why_not(name, file):
            pytest.skip(nms.why_not(name, file))
    return nms.render(tmp_path_factory.mktemp("rendered"), "icinga2", "snmptrapd")


@pytest.fixture
def icinga(files):
    made = []

    def make(objects):
        made.append(Icinga(files, objects))
        return made[-1]
    yield make
    for i in made:
        i.close()


def test_example(files, icinga):
    """The example as it is, with the rules as they are: not one warning."""
    code, out = icinga((files / "icinga2/ftp-auth-health-example.conf").read_text()).verify()
    assert code == 0 and "warning" not in out and "critical" not in out, out
    for word in ("Instantiated 7 Services", "Instantiated 2 Hosts", "Instantiated 3 Dependencies",
                 "Instantiated 2 ApiUsers"):
        assert word in out, out


def host(scene, who):
    targets = "".join('vars.ftp_targets["%s"] = { %s }\n' % (
        name, "by_trap = true" if name.startswith("plant") else "") for name in scene.TARGETS)
    targets += "".join('vars.ftp_targets["by index %s"] = { check_command = "ftp_auth_snmp", '
                       'ftp_auth_index = %d, snmp_port = %d }\n' % (name, i, scene.snmpd.port)
                       for i, name in enumerate(scene.TARGETS, 1))
    return """
object Host "noc1" {
	check_command = "dummy"
	address = "127.0.0.1"
	vars.ftp_auth_port = %d
	vars.ftp_auth_credentials = "%s"
	vars.ftp_heartbeat = 3s
	%s
	vars.ftp_targets["nosuch"] = {}
	vars.ftp_login = { ftp_login_port = %d, ftp_login_timeout = 5 }
}
""" % (scene.snmpd.port, who, targets, scene.servers["refused"].port)


def api_user(files):
    """As in the example."""
    text = (files / "icinga2/ftp-auth-health-example.conf").read_text()
    return re.search(r"^object ApiUser.*?^\}\n", text, re.M | re.S).group(0)


def test_live(files, icinga, contract, tmp_path):
    """By the plugin, by check_snmp, by traps: hard states of all sorts; and the dependency."""
    who, netrc = tmp_path / "who", tmp_path / "netrc"
    who.write_text("defVersion 2c\ndefCommunity public\n")
    who.chmod(0o600)
    netrc.write_text('machine localhost login ftphealth password "change me"\n')
    netrc.chmod(0o600)
    i = icinga(api_user(files))
    receiver = nms.trap_receiver(files, files / "icinga2/submit-result", "--host", "noc1",
                                 "--url", i.url, "--ca", i.ca, "--netrc", netrc)
    scene = nms.Scene(tmp_path, receiver, contract)
    try:
        with open(i.folder / "icinga2.conf", "a", encoding="ascii") as f:
            f.write(host(scene, who))
        code, out = i.verify()
        assert code == 0 and "warning" not in out, out
        i.start()
        check_states(i)
        check_traps(i, scene)
        check_mass(i, scene, files, netrc)
        check_dependency(i, scene)
    finally:
        scene.close()
        receiver.close()


def check_now(i, service):
    i.request("/v1/actions/reschedule-check", {
        "type": "Service", "filter": "service.name == s", "filter_vars": {"s": service},
        "force": False})


def check_states(i):
    for service in i.services():
        if not service.startswith("FTP login plant") and service not in BY_TRAP:
            check_now(i, service)
    expected = {"good": (OK, "230"), "refused": (CRITICAL, "530 User"),
                "risk": (WARNING, "will stop")}
    for name, (state, word) in expected.items():
        s = i.wait("FTP login " + name, state, word)
        assert s["max_check_attempts"] == 1
        if name == "good":  # of the others the latest result may be a notification's
            assert s["performance"][0].startswith("time=")
        i.wait("FTP login by index " + name, state)

    def has_remedy():
        check_now(i, "FTP login refused")
        return "remedy: " in i.state("FTP login refused")[2]
    rig.wait_until(has_remedy, "the plugin's words")
    i.wait("FTP login nosuch", UNKNOWN, "has no target")
    i.wait("FTP monitor traps", CRITICAL, "no notification of ftphealthd came")
    for service, word in (("FTP monitor", "of 5 targets"), ("FTP login", "530 User")):
        def is_hard(service=service):
            check_now(i, service)
            return i.state(service) and i.state(service)[:2] == (CRITICAL, HARD)
        rig.wait_until(is_hard, "%s to be hard" % service)
        assert word in i.state(service)[2]


def check_traps(i, scene):
    """A raise and its clear, and the heartbeat, which ends what silence has found."""
    scene.plant.behave("q269241")
    s = i.wait("FTP login plant7", CRITICAL, "anonymous login refused: 530 User")
    assert not s["last_check_result"]["active"]
    assert s["next_check"] > s["last_check"] + 3600, "the trap puts the next check off"
    scene.plant.behave("iis4")
    i.wait("FTP login plant7", OK, "works again")
    scene.snmpd.writer.set(scene.contract("ftpAuthNotifyHeartbeat"), "u", 1)
    i.wait("FTP monitor traps", OK, "alive")
    scene.snmpd.writer.set(scene.contract("ftpAuthNotifyHeartbeat"), "u", 0)
    i.wait("FTP monitor traps", CRITICAL, "no notification of ftphealthd came")


def check_mass(i, scene, files, netrc):
    """The heartbeat does not end a mass failure, only the recovery does."""
    def mass(notification, text):
        subprocess.run([files / "icinga2/submit-result", "--url", i.url, "--ca", i.ca, "--netrc",
                        netrc, "--host", "noc1", "--notification", notification, "--text", text],
                       check=True, timeout=60)
    assert i.state("FTP mass failure") is None, "pending"
    mass("ftpAuthMassFailure", "40 of 50 fail")
    i.wait("FTP mass failure", CRITICAL, "40 of 50")
    scene.snmpd.writer.set(scene.contract("ftpAuthNotifyHeartbeat"), "u", 1)
    i.wait("FTP monitor traps", OK, "alive")
    scene.snmpd.writer.set(scene.contract("ftpAuthNotifyHeartbeat"), "u", 0)
    assert i.state("FTP mass failure") == (CRITICAL, HARD, "FTP CRITICAL - 40 of 50 fail")
    mass("ftpAuthMassRecovered", "most work again")
    i.wait("FTP mass failure", OK, "work again")


def check_dependency(i, scene):
    """While the agent cannot be asked its targets keep their states."""
    assert scene.daemon.stop() == 0
    i.wait("FTP monitor traps", UNKNOWN, "stopping")

    def is_unknown():
        check_now(i, "FTP monitor")
        return i.state("FTP monitor")[:2] == (UNKNOWN, HARD)
    rig.wait_until(is_unknown, "the monitor to be UNKNOWN")
    before = i.services()["FTP login good"]
    check_now(i, "FTP login good")
    check_now(i, "FTP login")
    rig.wait_until(lambda: i.services()["FTP login good"]["next_check"] > before["next_check"],
                   "its turn to be skipped")
    after = i.services()["FTP login good"]
    assert after["last_check"] == before["last_check"] and int(after["state"]) == OK


# ------------------------------------------------------------------ submit-result


class Api(BaseHTTPRequestHandler):
    """An Icinga that says what it is told to."""

    def do_POST(self):
        self.server.seen.append((self.path, self.headers["Authorization"],
                                 json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        code, body = self.server.answer
        self.send_response(code)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def api(tmp_path):
    key = tmp_path / "key.pem"
    certify(key, tmp_path / "ca.pem")
    server = HTTPServer(("127.0.0.1", 0), Api)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "ca.pem", key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.seen, server.answer = [], (200, b'{"results":[{"code":200}]}')
    server.ca, server.url = tmp_path / "ca.pem", "https://localhost:%d" % server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join(rig.PATIENCE)
    server.server_close()


@pytest.fixture
def submit(files, api, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login ftphealth password s3cret\n")
    netrc.chmod(0o600)

    def run(*arguments, **env):
        own = ("--url", api.url, "--ca", api.ca, "--netrc", netrc, "--host", "noc1")
        p = subprocess.run(
            [files / "icinga2/submit-result", *map(str, own + arguments)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, check=False, timeout=60,
            env=dict({k: v for k, v in os.environ.items() if not k.startswith("FTPHEALTH_")},
                     **env))
        error = p.stderr.decode()
        assert p.stdout == b"" and "Traceback" not in error and "s3cret" not in error, error
        return p.returncode, error
    return run


def test_result(submit, api):
    assert submit(FTPHEALTH_STATE="refused", FTPHEALTH_TARGET='a" || true', FTPHEALTH_TEXT="5|3\n0",
                  FTPHEALTH_NOTIFICATION="ftpAuthReachable") == (0, "")
    assert submit("--notification", "ftpAuthAgentStopping", "--text", "bye") == (0, "")
    for name in ("ftpAuthMassFailure", "ftpAuthMassRecovered", "ftpAuthHeartbeat"):
        assert submit("--notification", name) == (0, "")
    (path, who, target), (_, _, agent), *others = api.seen
    assert path == "/v1/actions/process-check-result"
    assert base64.b64decode(who.split()[1]) == b"ftphealth:s3cret"
    assert target["filter"] == "host.name == h && service.name == s", "nothing foreign is code"
    assert target["filter_vars"] == {"h": "noc1", "s": 'FTP login a" || true'}
    assert (target["exit_status"], target["plugin_output"]) == (CRITICAL, "FTP CRITICAL - 5/3/0")
    assert agent["filter_vars"]["s"] == "FTP monitor traps" and agent["exit_status"] == UNKNOWN
    assert [(o["filter_vars"]["s"], o["exit_status"]) for _, _, o in others] == [
        ("FTP mass failure", CRITICAL), ("FTP mass failure", OK), ("FTP monitor traps", OK)]


@pytest.mark.parametrize("answer, code, word", [
    ((401, b""), os.EX_NOPERM, "does not let"), ((403, b""), os.EX_NOPERM, "does not let"),
    ((404, b"{}"), os.EX_DATAERR, "no service \"FTP login x\" on host \"noc1\""),
    ((200, b'{"results":[]}'), os.EX_DATAERR, "no service"),
    ((500, b""), os.EX_UNAVAILABLE, "500"), ((200, b"what"), os.EX_UNAVAILABLE, "localhost")])
def test_api_that_refuses(submit, api, answer, code, word):
    api.answer = answer
    got, error = submit("--target", "x", "--state", "ok")
    assert got == code and word in error and error.count("\n") == 1, error


def test_bad_results(submit, tmp_path):
    (tmp_path / "empty").write_text("")
    x = ("--target", "x", "--state", "ok")
    for arguments, code, word in (
            (("--target", "x", "--state", "what"), os.EX_DATAERR, "no notification"),
            ((), os.EX_DATAERR, "no notification"), (("--nosuch",), os.EX_USAGE, "--nosuch"),
            ((*x, "--host", ""), os.EX_USAGE, "--host"),
            ((*x, "--netrc", tmp_path / "empty"), os.EX_USAGE, "no machine localhost"),
            ((*x, "--netrc", "/nosuch/netrc"), os.EX_UNAVAILABLE, "/nosuch/netrc"),
            ((*x, "--ca", "/nosuch/ca"), os.EX_UNAVAILABLE, "No such file"),
            ((*x, "--url", "https://localhost:%d" % rig.free_port()), os.EX_UNAVAILABLE, "refused"),
            ((*x, "--url", "what"), os.EX_USAGE, "no machine")):
        got, error = submit(*arguments)
        assert got == code and word in error and error.count("\n") == 1, (arguments, got, error)


def test_certificate_of_another(submit, files):
    """Icinga's own CA stands for it: one that it did not sign gets no password."""
    got, error = submit("--target", "x", "--state", "ok", "--ca",
                        "/etc/ssl/certs/ca-certificates.crt")
    assert got == os.EX_UNAVAILABLE and error.count("\n") == 1
