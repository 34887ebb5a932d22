# SPDX-License-Identifier: ISC
"""Nagios 4 with the files of integrations/nagios: it checks them, runs them against a live daemon,
and takes what traps say."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import nms
import rig
import test_traps
from nms import CRITICAL, OK, UNKNOWN, WARNING

HARD = 1


class Nagios:
    """Nagios as Debian has it, in a folder of its own; a minute of its configuration is a
    second."""

    def __init__(self, files, objects):
        self.folder = rig.temporary_folder()
        self.folder.chmod(0o755)
        self.package = nms.unpacked("nagios4", "usr/sbin/nagios4")
        self.files = files
        f = self.folder
        self.pipe, self.status = f / "nagios.cmd", f / "status.dat"
        for name in ("results", "tmp"):
            (f / name).mkdir()
        (f / "resource.cfg").write_text("$USER1$=%s\n" % nms.plugins(f / "plugins"))
        (f / "own.cfg").write_text(objects)
        debian = self.package / "etc/nagios4/objects"
        config = [debian / name for name in (
            "commands.cfg", "contacts.cfg", "timeperiods.cfg", "templates.cfg")]
        config += [nms.unpacked("plugins", "usr/share/monitoring-plugins") /
                   "usr/share/monitoring-plugins/templates-basic/ping.cfg",
                   files / "nagios/ftp-auth-health.cfg", f / "own.cfg"]
        (f / "nagios.cfg").write_text("\n".join(["cfg_file=%s" % path for path in config] + [
            "%s=%s" % pair for pair in {
                "log_file": f / "log", "object_cache_file": f / "cache",
                "precached_object_file": f / "precache", "resource_file": f / "resource.cfg",
                "status_file": self.status, "state_retention_file": f / "retention",
                "lock_file": f / "lock", "temp_file": f / "tmp/file", "temp_path": f / "tmp",
                "check_result_path": f / "results", "command_file": self.pipe,
                "query_socket": f / "qh", "nagios_user": os.geteuid(),
                "nagios_group": os.getegid(), "interval_length": 1, "status_update_interval": 1,
                "service_inter_check_delay_method": "n", "host_inter_check_delay_method": "n",
                "check_service_freshness": 1, "service_freshness_check_interval": 1,
                "additional_freshness_latency": 0, "use_syslog": 0, "enable_notifications": 0,
                "check_workers": 2,
                "illegal_object_name_chars": "`~!$%^&*|'\"<>?,()=",
                "illegal_macro_output_chars": "`~$&|'\"<>"}.items()]) + "\n")
        self.process = None

    def verify(self):
        p = subprocess.run([self.package / "usr/sbin/nagios4", "-v", self.folder / "nagios.cfg"],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                           timeout=60)
        return p.returncode, p.stdout.decode()

    def start(self):
        with open(self.folder / "out", "wb") as out:
            self.process = subprocess.Popen(
                [self.package / "usr/sbin/nagios4", self.folder / "nagios.cfg"], stdout=out,
                stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
                env=dict(os.environ, LC_ALL="C"))
        return self

    def services(self):
        """{description: {key: value}} of what has been checked."""
        text = self.status.read_text("utf-8", "replace") if self.status.exists() else ""
        blocks = [dict(re.findall(r"^\t(\w+)=(.*)$", block, re.M))
                  for block in re.findall(r"^servicestatus \{\n(.*?)\n\t\}$", text, re.M | re.S)]
        return {b["service_description"]: b for b in blocks if b["has_been_checked"] == "1"}

    def state(self, service):
        """(state, whether it is hard, output)"""
        s = self.services().get(service)
        return s and (int(s["current_state"]), int(s["state_type"]), s["plugin_output"])

    def wait(self, service, state, word=""):
        """Waits for a hard state; its service's status."""
        def there():
            now = self.state(service)
            return now and now[:2] == (state, HARD) and word in now[2]
        try:
            rig.wait_until(there, "%s to be %d" % (service, state))
        except AssertionError as e:
            raise AssertionError("%s; it is %s\n%s" % (e, self.state(service), self.log)) from e
        return self.services()[service]

    @property
    def log(self):
        path = self.folder / "log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def close(self):
        if self.process:
            rig.end_group(self.process)
        rig.remove_folder(self.folder)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    for name, file in (("nagios4", "etc/nagios4/objects/templates.cfg"),
                       ("plugins", "usr/lib/nagios/plugins/check_snmp")):
        if nms.why_not(name, file):
            pytest.skip(nms.why_not(name, file))
    return nms.render(tmp_path_factory.mktemp("rendered"), "nagios", "snmptrapd", "snmptt")


@pytest.fixture
def nagios(files):
    made = []

    def make(objects):
        made.append(Nagios(files, objects))
        return made[-1]
    yield make
    for n in made:
        n.close()


def service(template, description, **keys):
    lines = ["use %s" % template, "host_name noc1", "service_description %s" % description]
    return "define service {\n    %s\n}\n" % "\n    ".join(
        lines + ["%s %s" % pair for pair in keys.items()])


def host(port=161, credentials=""):
    return """
define host {
    use                     ftp-auth-agent
    host_name               noc1
    address                 127.0.0.1
    check_command           return-ok
    max_check_attempts      1
    contact_groups          admins
    _FTPAUTH_PORT           %d
    _FTPAUTH_CREDENTIALS    %s
}
define command {
    command_name            return-ok
    command_line            $USER1$/check_dummy 0
}
""" % (port, credentials)


def test_example(files, nagios):
    """The example as it is, with the templates as they are: not one warning."""
    code, out = nagios((files / "nagios/ftp-auth-health-example.cfg").read_text()).verify()
    assert code == 0 and "Total Warnings: 0" in out and "Total Errors:   0" in out, out
    assert "Checked 7 services" in out and "Checked 2 hosts" in out, out


def test_live(nagios, contract, tmp_path, files):
    """By the plugin, by check_snmp, by traps: hard states of all sorts; and the dependency."""
    who = tmp_path / "who"
    who.write_text("defVersion 2c\ndefCommunity public\n")
    who.chmod(0o600)
    n = nagios("")  # its pipe is known before its objects are
    receiver = nms.trap_receiver(files, files / "nagios/submit-result", "--host", "noc1",
                                 "--command-file", n.pipe)
    scene = nms.Scene(tmp_path, receiver, contract)
    try:
        objects = host(scene.snmpd.port, who)
        objects += service("ftp-auth-monitor", "FTP monitor")
        objects += service("ftp-auth-heartbeat", "FTP monitor traps", freshness_threshold=2)
        objects += service("ftp-auth-mass-failure", "FTP mass failure")
        for i, name in enumerate(scene.TARGETS, 1):
            by_trap = "-by-trap" if name.startswith("plant") else ""
            objects += service("ftp-auth-login" + by_trap, "FTP login " + name,
                               _FTPAUTH_TARGET=name)
            objects += service("ftp-auth-login", "by index " + name, _FTPAUTH_INDEX=i,
                               check_interval=1, check_command="check_ftp_auth_target_snmp")
        objects += service("ftp-auth-login", "FTP login nosuch", _FTPAUTH_TARGET="nosuch")
        objects += service("ftp-auth-login", "stale", freshness_threshold=1, check_freshness=1,
                           active_checks_enabled=0, _FTPAUTH_TARGET="good")
        objects += service("generic-service", "own probe", check_interval=1, max_check_attempts=1,
                           check_command="check_ftp_login!-p %d -t 5" %
                           scene.servers["refused"].port)
        objects += service("generic-service", "sum by snmp", check_interval=1,
                           max_check_attempts=1, check_command="check_ftp_auth_summary_snmp")
        objects += dependency()
        (n.folder / "own.cfg").write_text(objects)
        code, out = n.verify()
        assert code == 0 and "Total Warnings: 0" in out, out
        n.start()
        check_states(n)
        check_traps(n, scene)
        check_mass(n, scene, files)
        check_dependency(n, scene)
    finally:
        scene.close()
        receiver.close()


def dependency():
    """As in the example."""
    text = (rig.ROOT / "integrations/templates/nagios/ftp-auth-health-example.cfg.j2").read_text()
    return re.search(r"^define servicedependency \{.*?^\}\n", text, re.M | re.S).group(0)


def check_states(n):
    expected = {"good": (OK, "230"), "refused": (CRITICAL, "530 User"),
                "risk": (WARNING, "will stop")}
    for name, (state, word) in expected.items():
        s = n.wait("FTP login " + name, state, word)
        if name == "good":  # of the others the latest result may be a notification's
            assert "time=" in s["performance_data"] and "failed=" in s["performance_data"]
        n.wait("by index " + name, state)
    n.wait("FTP login nosuch", UNKNOWN, "has no target")
    n.wait("FTP monitor", CRITICAL, "of 5 targets")
    n.wait("sum by snmp", CRITICAL)
    n.wait("own probe", CRITICAL, "530 User")
    n.wait("stale", OK, "good: 230")
    n.wait("FTP monitor traps", CRITICAL, "no notification of ftphealthd came")
    assert "FTP login plant7" not in n.services(), "it has been asked for without need"


def check_traps(n, scene):
    """A raise and its clear, and the heartbeat, which ends what freshness has found."""
    scene.plant.behave("q269241")
    s = n.wait("FTP login plant7", CRITICAL, "anonymous login refused: 530 User")
    assert s["check_type"] == "1", "passive"
    scene.plant.behave("iis4")
    n.wait("FTP login plant7", OK, "works again")
    scene.snmpd.writer.set(scene.contract("ftpAuthNotifyHeartbeat"), "u", 1)
    n.wait("FTP monitor traps", OK, "alive")
    scene.snmpd.writer.set(scene.contract("ftpAuthNotifyHeartbeat"), "u", 0)


def check_mass(n, scene, files):
    """The heartbeat does not end a mass failure, only the recovery does."""
    def mass(notification, text):
        assert submit(files, "--command-file", n.pipe, "--host", "noc1", "--text", text,
                      "--notification", notification) == (0, "")
    mass("ftpAuthMassFailure", "40 of 50 fail")
    n.wait("FTP mass failure", CRITICAL, "40 of 50")
    n.wait("FTP monitor traps", CRITICAL, "no notification of ftphealthd came")
    scene.snmpd.writer.set(scene.contract("ftpAuthNotifyHeartbeat"), "u", 1)
    n.wait("FTP monitor traps", OK, "alive")
    scene.snmpd.writer.set(scene.contract("ftpAuthNotifyHeartbeat"), "u", 0)
    assert n.state("FTP mass failure") == (CRITICAL, HARD, "FTP CRITICAL - 40 of 50 fail")
    mass("ftpAuthMassRecovered", "most work again")
    n.wait("FTP mass failure", OK, "work again")


def check_dependency(n, scene):
    """While the agent cannot be asked its targets keep their states."""
    assert scene.daemon.stop() == 0
    n.wait("FTP monitor traps", UNKNOWN, "stopping")
    n.wait("FTP monitor", UNKNOWN, "ftphealthd is not there")

    def last(service):
        return int(n.services()[service]["last_check"])
    # Each second, as long as it is checked.
    rig.wait_until(lambda: last("FTP monitor") >= last("by index good") + 3,
                   "the targets to be left alone")
    assert n.state("FTP login refused")[0] in (CRITICAL, UNKNOWN)


# ------------------------------------------------------------------ submit-result


def submit(files, *arguments, **env):
    p = subprocess.run([files / "nagios/submit-result", *map(str, arguments)],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60,
                       env=dict({k: v for k, v in os.environ.items()
                                 if not k.startswith("FTPHEALTH_")}, **env))
    assert p.stdout == b"" and b"Traceback" not in p.stderr
    return p.returncode, p.stderr.decode()


@pytest.fixture
def pipe(tmp_path):
    """A command file, and a function that reads what was written to it."""
    path = tmp_path / "cmd"
    os.mkfifo(path)
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    yield path, lambda: os.read(fd, 65536).decode("ascii")
    os.close(fd)


def test_by_snmptt(files, pipe, contract, tmp_path):
    """The EXEC line that submit-result documents, run by SNMPTT; what a server says stays text."""
    snmptt = shutil.which("snmptt", path=os.environ["PATH"] + ":/usr/sbin")
    if not snmptt:
        pytest.skip("snmptt is not installed")
    path, read = pipe
    script = files / "nagios/submit-result"
    line = re.search(r"^ +(EXEC FOLDER/nagios/submit-result) (.*)$", script.read_text(), re.M)
    line = "%s --command-file %s %s" % (line[1].replace("FOLDER", str(files)), path, line[2])
    conf, ini = tmp_path / "snmptt.conf", tmp_path / "snmptt.ini"
    conf.write_text(re.sub(r"^#EXEC .*$", lambda _: line, (
        files / "snmptt/snmptt.conf.ftp-auth-health").read_text(), flags=re.M))
    ini.write_text(test_traps.SNMPTT_INI % {
        "log": tmp_path / "log", "unknown": tmp_path / "unknown", "conf": conf})
    common = {"NotifyHost": '"h:21"', "NotifySeverity": 6, "NotifyFrom": 1, "NotifySequence": 7,
              "NotifyAlarm": 3}
    for name, values in (
            ("ftpAuthLoginRefused", {"NotifyName": '"plant7"', "NotifyTo": 4,
                                     "NotifyText": '"530 No; $(id) `id` & done"'}),
            # The server answers again, and refuses.
            ("ftpAuthReachable", {"NotifyName": '"plant7"', "NotifyTo": 4, "NotifyText": '"up"'}),
            ("ftpAuthHeartbeat", {"NotifyName": '""', "NotifyTo": 6, "NotifyText": '"alive"'})):
        order = {k: dict(common, **values)[k] for k in (
            "NotifyName", "NotifyHost", "NotifySeverity", "NotifyFrom", "NotifyTo", "NotifyText",
            "NotifySequence", "NotifyAlarm")}
        text = test_traps.notification(contract, name, test_traps.STYLES["-On"], **order)
        subprocess.run([snmptt, "--ini=%s" % ini], input=text.encode(), check=True, timeout=60,
                       stderr=subprocess.DEVNULL)  # Perl's warnings
    results = [line.split(";", 1)[1] for line in read().splitlines()]
    # SNMPTT takes out of it what a shell would take for more than text.
    assert results == ["noc1;FTP login plant7;2;FTP CRITICAL - 530 No (id) 'id'  done",
                       "noc1;FTP login plant7;2;FTP CRITICAL - up",
                       "noc1;FTP monitor traps;0;FTP OK - alive"]


@pytest.mark.parametrize("state, code", [
    ("ok", OK), ("atRisk", WARNING), ("degraded", WARNING), ("refused", CRITICAL),
    ("unreachable", CRITICAL), ("unknown", UNKNOWN), ("disabled", UNKNOWN), ("4", CRITICAL)])
def test_result(files, pipe, state, code):
    path, read = pipe
    assert submit(files, "--command-file", path, "--host", "noc1", FTPHEALTH_STATE=state,
                  FTPHEALTH_TARGET="plant7", FTPHEALTH_TEXT="a|b; c\nd\xe4") == (0, "")
    word = ("OK", "WARNING", "CRITICAL", "UNKNOWN")[code]
    assert re.fullmatch(r"\[\d{10,}\] PROCESS_SERVICE_CHECK_RESULT;noc1;FTP login plant7;%d;"
                        r"FTP %s - a/b; c/d/\n" % (code, word), read())


@pytest.mark.parametrize("notification, name, code", [
    ("ftpAuthHeartbeat", "monitor traps", OK), ("ftpAuthAgentStarted", "monitor traps", OK),
    ("ftpAuthAgentStopping", "monitor traps", UNKNOWN),
    ("ftpAuthMassFailure", "mass failure", CRITICAL), ("ftpAuthMassRecovered", "mass failure", OK)])
def test_result_of_the_agent(files, pipe, notification, name, code):
    path, read = pipe
    assert submit(files, "--command-file", path, "--host", "a;b", "--notification", notification,
                  "--target", "", "--state", "6", "--text", "x" * 9000) == (0, "")
    line = read()
    assert ";a/b;FTP %s;%d;" % (name, code) in line
    assert len(line) == 4096 and line[-1] == "\n"


def test_bad_results(files, pipe, tmp_path):
    path, read = pipe
    own = ("--command-file", path, "--host", "noc1")
    for arguments, code, word in (
            ((*own, "--target", "x", "--state", "9"), os.EX_DATAERR, "no notification"),
            ((*own,), os.EX_DATAERR, "no notification"),
            (("--nosuch",), os.EX_USAGE, "--nosuch"),
            (("--target", "x", "--state", "1"), os.EX_USAGE, "--host")):
        got, error = submit(files, *arguments)
        assert got == code and word in error and error.count("\n") == 1, error
    os.mkfifo(tmp_path / "dead")
    for dead in (tmp_path / "dead", tmp_path / "nosuch"):
        got, error = submit(files, "--command-file", dead, "--host", "h", "--target", "x",
                            "--state", "1")
        assert got == os.EX_UNAVAILABLE and str(dead) in error and error.count("\n") == 1
    assert read() == ""
    assert not pathlib.Path(tmp_path / "nosuch").exists()
