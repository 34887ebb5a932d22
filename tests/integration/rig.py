# SPDX-License-Identifier: ISC
"""The daemons around a test: snmpd, snmptrapd, net-snmp's tools, ftphealthd, a service manager.

Everything lives in folders of its own under /tmp, on loopback and on free ports; nothing of the
host's configuration is read or written.
"""
import json
import os
import pathlib
import random
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from values import Notification, parse_bindings

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The files for other programs, rendered for the base of this build.
INTEGRATIONS = pathlib.Path(os.environ.get("INTEGRATIONS") or ROOT / "integrations")
PATIENCE = 90  # seconds: no test needs them, a busy machine may
AUTH = ("-l", "authPriv", "-a", "SHA", "-A", "authpass123", "-x", "AES", "-X", "privpass123")
V3 = ("-v3", "-u", "reader", *AUTH)
V2C = ("-v2c", "-c", "public")
TRAP_ENGINE = "0x80001f8804" + b"ftptrap".hex()  # what "engineID ftptrap" makes of itself
TRAP_ENGINE_TEXT = "ftptrap"


def program(name):
    """The path of one of the project's programs."""
    return os.environ.get(name.upper().replace("-", "_")) or str(ROOT / "build" / name)


def run_program(path, request, env=None, stdin=None, **keys):
    """Runs a program that fetches evidence: (exit code, octets of standard output, standard error);
    REQUEST is an object or octets."""
    data = request if isinstance(request, bytes) else json.dumps(request).encode()
    p = subprocess.run([*shlex.split(os.environ.get("FTPHEALTH_WRAPPER", "")), path],
                       input=None if stdin else data, stdin=stdin, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False, timeout=120,
                       env=dict(os.environ, **(env or {})), **keys)
    error = p.stderr.decode()
    for sign in ("AddressSanitizer", "ThreadSanitizer", "runtime error:", "==ERROR"):
        assert sign not in error, error
    return p.returncode, p.stdout, error


def wait_until(condition, what="", limit=PATIENCE):
    """Waits for CONDITION to be true and returns its value."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited %d s for %s" % (limit, what or condition.__name__))
        time.sleep(0.02)


def temporary_folder():
    """A short path, as those of sockets end at 107 octets."""
    return pathlib.Path(tempfile.mkdtemp(prefix="fh.", dir="/tmp"))


def remove_folder(folder):
    shutil.rmtree(folder, ignore_errors=True)


used_ports = {}  # an ordered set
our_ports = []  # the range, and what marks it as ours


PORTS = range(10000, 32000)  # below those that the kernel hands out
PORTS_EACH = 1000


def ports_of_our_own():
    """A part of PORTS that no other process of the tests has, or all of them. What marks it as taken
    is a socket's abstract name, which ends with the process."""
    for part in range(len(PORTS) // PORTS_EACH):
        mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            mark.bind("\0ftphealth-tests-ports-%d" % part)
        except OSError:
            mark.close()
            continue
        return PORTS[part * PORTS_EACH:(part + 1) * PORTS_EACH], mark
    return PORTS, None


def free_port():
    """A port free for UDP and TCP, none of those given lately: who has one may not have bound it yet."""
    if not our_ports:
        our_ports.extend(ports_of_our_own())
    rng = random.SystemRandom()
    while True:
        port = rng.choice(our_ports[0])
        if port in used_ports:
            continue
        try:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                with socket.socket(socket.AF_INET, kind) as s:
                    s.bind(("127.0.0.1", port))
        except OSError:
            continue
        used_ports[port] = True
        if len(used_ports) > len(our_ports[0]) // 2:
            del used_ports[next(iter(used_ports))]
        return port


def where_it_hangs(pid):
    """What each thread of a process, and of its children, waits for, as the kernel and, where there
    is one, gdb know it. LeakSanitizer looks at threads from a child."""
    words, children = ["%d hangs:" % pid], []
    for task in sorted(pathlib.Path("/proc/%d/task" % pid).glob("*")):
        for name in ("comm", "wchan", "syscall", "stack", "children"):
            try:
                text = (task / name).read_text().strip()
            except OSError:
                continue
            words.append("%s %s: %s" % (task.name, name, text))
            if name == "children":
                children += map(int, text.split())
    try:
        gdb = subprocess.run(["gdb", "-p", str(pid), "-batch", "-ex", "thread apply all bt"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=False, timeout=PATIENCE)
        words.append(gdb.stdout.decode("utf-8", "replace"))
    except (OSError, subprocess.TimeoutExpired):
        pass
    return "\n".join(words + [where_it_hangs(child) for child in children])


def end_process(process, number=signal.SIGTERM):
    """Ends one process, also one that is stopped, and returns its exit code. SIGCONT comes first: it
    takes back a SIGSTOP that is pending, and LeakSanitizer, which stops its own process by one at
    the end, would wait for that for ever."""
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            print(where_it_hangs(process.pid))
            process.kill()
    return process.wait()


def end_group(process):
    """Ends a process and its children; it leads a session of its own."""
    end_process(process)
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Contract:
    """What `ftphealthd --contract` says: the OID of each name, the number of each label."""
    OBJECTS = ("scalar", "column", "table", "notification")

    def __init__(self, *options):
        out = subprocess.run([program("ftphealthd"), "--contract", *options],
                             stdout=subprocess.PIPE, check=True, timeout=PATIENCE).stdout.decode()
        self.rows = [line.split("\t") for line in out.splitlines()]
        objects = [row for row in self.rows if row[0] in self.OBJECTS]
        self.oids = {name: oid for _, name, oid, *_ in objects}
        self.names = {oid: name for name, oid in self.oids.items()}
        self.kinds = {name: kind for kind, name, *_ in objects}
        self.syntax = {name: syntax for _, name, _, syntax, _ in objects}
        self.diagnoses = {name: int(number) for kind, name, number, *_ in self.rows
                          if kind == "diagnosis"}

    def __call__(self, name, index=None):
        """The OID of an object: of the scalar's instance, or of the column's at INDEX."""
        oid = self.oids[name]
        if index is None:
            return oid + ".0" if self.kinds[name] == "scalar" else oid
        return "%s.%s" % (oid, index)

    def of_kind(self, kind):
        return [name for name, k in self.kinds.items() if k == kind]

    def objects_of(self, notification):
        return self.syntax[notification].split(",")

    def split(self, oid):
        """(name, index) of an instance."""
        parts = oid.split(".")
        for n in range(len(parts), 1, -1):
            name = self.names.get(".".join(parts[:n]))
            if name:
                return name, ".".join(parts[n:])
        return None, oid

    @property
    def base(self):
        """The arc of the module: BASE.1.4 is the table of targets."""
        return self.oids["ftpAuthTargetTable"].rsplit(".", 2)[0]


# ------------------------------------------------------------------ net-snmp


class NetSnmp:
    """A folder of net-snmp configuration that stands alone: nothing of /etc or /var is read. The
    folder where a daemon keeps its state is in the path too, or its users would not be read."""

    def __init__(self, folder):
        self.conf, self.state = folder / "conf", folder / "state"
        for d in (self.conf, self.state):
            d.mkdir(parents=True)
        # Debian's packages lack the IETF modules; each gap would be a line on standard error.
        (self.conf / "snmp.conf").write_text("mibs :\n")
        self.env = dict(os.environ, SNMPCONFPATH="%s:%s" % (self.conf, self.state),
                        SNMP_PERSISTENT_DIR=str(self.state), MIBS="", LC_ALL="C")


class SnmpTimeout(Exception):
    pass


class Client:
    """net-snmp's tools, asking WHERE ("127.0.0.1:PORT") with numeric OIDs."""

    def __init__(self, netsnmp, where, credentials=V2C, timeout=1, retries=10):
        self.netsnmp, self.where, self.credentials = netsnmp, where, credentials
        self.timing = ("-t", str(timeout), "-r", str(retries))

    def run(self, tool, *arguments, options=()):
        command = [tool, *self.credentials, "-On", *self.timing, *options, self.where, *arguments]
        p = subprocess.run(command, env=self.netsnmp.env, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, check=False, timeout=120)
        error = p.stderr.decode("utf-8", "replace")
        if "Timeout: No Response" in error:
            raise SnmpTimeout(error)
        return p.returncode, p.stdout.decode("utf-8", "replace"), error

    def _bindings(self, *command, options=()):
        code, out, error = self.run(*command, options=options)
        assert code == 0, "%s: %s" % (" ".join(map(str, command)), error or out)
        return parse_bindings(out.splitlines())

    def get(self, *oids):
        """The values of OIDS, in their order."""
        return [value for _, value in self._bindings("snmpget", *oids)]

    def value(self, oid):
        return self.get(oid)[0].value

    def getnext(self, *oids):
        return self._bindings("snmpgetnext", *oids)

    def bulkget(self, *oids, repetitions=10):
        return self._bindings("snmpbulkget", *oids, options=("-Cr%d" % repetitions,))

    def walk(self, oid):
        return self._bindings("snmpwalk", oid)

    def bulkwalk(self, oid, repetitions=25):
        return self._bindings("snmpbulkwalk", oid, options=("-Cr%d" % repetitions,))

    def set(self, oid, kind, value):
        """The error of a SET that must fail, in net-snmp's words."""
        code, out, error = self.run("snmpset", oid, kind, str(value))
        return "" if code == 0 else error or out

    def column(self, oid):
        """{index: value} of one column."""
        return {o[len(oid) + 1:]: v.value for o, v in self.bulkwalk(oid)
                if o.startswith(oid + ".")}

    def answers(self, oid=".1.3.6.1.2.1.1.3.0"):
        """Whether an object is there now."""
        try:
            return self.get(oid)[0].value is not None
        except (SnmpTimeout, AssertionError):
            return False


class TrapReceiver:
    """snmptrapd; `received` is a list of Notification. HANDLERS are
    what follows the directive traphandle: an OID or "default", and a command."""

    LINE = re.compile(r"^@@\t([^\t]*)\t([^\t]*)\t(.*)$")

    def __init__(self, handlers=()):
        self.folder = temporary_folder()
        self.netsnmp = NetSnmp(self.folder)
        self.port = free_port()
        self.log = self.folder / "log"
        (self.netsnmp.conf / "snmptrapd.conf").write_text("""
snmpTrapdAddr udp:127.0.0.1:%d
engineID %s
[snmp] serverRecvBuf 4194304
authCommunity log,execute public
authUser log notifier priv
authUser log informer priv
format1 @@\\t%%b\\t%%P\\t%%v\\n
format2 @@\\t%%b\\t%%P\\t%%v\\n
createUser -e %s notifier SHA authpass123 AES privpass123
createUser informer SHA authpass123 AES privpass123
""" % (self.port, TRAP_ENGINE_TEXT, ENGINE) + "".join(
            "traphandle %s\n" % handler for handler in handlers))
        self.log.touch()
        self.process = None
        self.start()

    where = property(lambda self: "127.0.0.1:%d" % self.port)

    def start(self):
        size = self.log.stat().st_size
        self.process = subprocess.Popen(
            ["snmptrapd", "-f", "-Lf", str(self.log), "-On", "-n"], env=self.netsnmp.env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: "NET-SNMP version" in self.log.read_text("utf-8", "replace")[size:],
                   "snmptrapd to start")

    @property
    def received(self):
        text = self.log.read_text("utf-8", "replace")
        lines = text[:text.rfind("\n") + 1].splitlines()
        return [Notification(*m.groups()) for m in map(self.LINE.match, lines) if m]

    @property
    def drops(self):
        """Packets that the kernel threw away because snmptrapd was too slow."""
        rows = [line.split() for line in open("/proc/net/udp", encoding="ascii")][1:]
        return sum(int(row[12]) for row in rows if row[1].endswith(":%04X" % self.port))

    def sinks(self, agent_engine=None):
        """Lines for a configuration: each way of sending a notification here."""
        return """
trap2sink %s public
informsink %s public
trapsess -v3 -u notifier %s -e %s %s
""" % (self.where, self.where, " ".join(AUTH), agent_engine or ENGINE, self.where)

    def close(self):
        end_process(self.process)
        remove_folder(self.folder)


ENGINE_TEXT = "ftpagent"
ENGINE = "0x80001f8804" + ENGINE_TEXT.encode().hex()


class Snmpd:
    """Debian's snmpd as AgentX master. TRANSPORT is "unix" or "tcp"; SINKS are lines for its
    configuration."""

    def __init__(self, transport="unix", sinks=""):
        self.folder = temporary_folder()
        self.netsnmp = NetSnmp(self.folder)
        self.port = free_port()
        self.agentx = ("unix:%s/agentx" % self.folder if transport == "unix"
                       else "tcp:127.0.0.1:%d" % free_port())
        (self.netsnmp.conf / "snmpd.conf").write_text("""
master agentx
agentXSocket %s
agentaddress udp:127.0.0.1:%d
engineID %s
rocommunity public 127.0.0.1
rwcommunity private 127.0.0.1
rouser reader priv
maxGetbulkResponses 1000
%s
""" % (self.agentx, self.port, ENGINE_TEXT, sinks))
        (self.netsnmp.state / "snmpd.conf").write_text(
            "createUser reader SHA authpass123 AES privpass123\n"
            "createUser notifier SHA authpass123 AES privpass123\n")
        self.tools = NetSnmp(self.folder / "tools")
        self.client = Client(self.tools, self.where)
        self.impatient = Client(self.tools, self.where, timeout=0.1, retries=0)
        self.writer = Client(self.tools, self.where, ("-v2c", "-c", "private"))
        self.v3 = Client(self.tools, self.where, V3)
        self.log = self.folder / "log"
        self.process = None

    where = property(lambda self: "127.0.0.1:%d" % self.port)

    def start(self, ready=True):
        self.process = subprocess.Popen(
            ["snmpd", "-f", "-Lf", str(self.log), "-I", "-smux,mteTrigger,mteTriggerConf"],
            env=self.netsnmp.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        if not ready:
            return self
        wait_until(lambda: self.process.poll() is not None or self.impatient.answers(),
                   "snmpd to answer")
        assert self.process.poll() is None, self.log.read_text()
        return self

    def stop(self, number=signal.SIGTERM):
        """SIGKILL for a crash."""
        end_process(self.process, number)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self.process:
            self.stop(signal.SIGKILL)
        remove_folder(self.folder)


# ------------------------------------------------------------------ ftphealthd


def has_known_leak_only(log):
    """The library forgets an address (struct sockaddr_un) for each session that a master on a Unix
    socket ends, and LeakSanitizer sometimes sees it."""
    leaks = re.findall(r"^(?:Direct|Indirect) leak of .*\n(?: +#.*\n)*", log, re.M)
    known = re.compile(r"Direct leak of (\d+) byte.*\n +#0 .*\n +#1 .*libnetsnmp\.so")
    return bool(leaks) and "==ERROR: AddressSanitizer" not in log and "runtime error:" not in log and all(
        (m := known.match(leak)) and int(m[1]) % 110 == 0 for leak in leaks)


class ServiceManager:
    """What systemd is to a service of Type=notify: `messages` is all that it was told."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.socket.bind(str(path))
        self.path = path
        self.messages = []
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        while True:
            try:
                data = self.socket.recv(65536)
            except OSError:
                return
            if data == b"":
                return
            self.messages.append((time.monotonic(), data.decode("utf-8", "replace")))

    def lines(self):
        return [line for _, message in list(self.messages) for line in message.splitlines()]

    def count(self, line):
        return self.lines().count(line)

    def status(self):
        return next((line[len("STATUS="):] for line in reversed(self.lines())
                     if line.startswith("STATUS=")), "")

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            try:
                s.sendto(b"", str(self.path))
                self.thread.join(PATIENCE)  # what was said before is read before
            except OSError:
                pass
        self.socket.close()
        self.path.unlink(missing_ok=True)


def has_sanitizer():
    """Whether the daemon has one: it keeps what was freed, and is slow."""
    with open(program("ftphealthd"), "rb") as f:
        data = f.read()
    return b"__asan_init" in data or b"__tsan_init" in data


def resident(process):
    """KB of memory."""
    with open("/proc/%d/status" % process.pid, encoding="ascii") as f:
        return int(next(line for line in f if line.startswith("VmRSS")).split()[1])


def target(name, server, **keys):
    """A target of the configuration; SERVER has `address` and `port`, or is a port."""
    where = {"host": getattr(server, "address", "127.0.0.1"),
             "port": getattr(server, "port", server)}
    return dict({"name": name}, **where, **keys)


def tls_keys(mode=None, **keys):
    """The keys of a target that begin with tls: tls_keys("explicit", min_version="1.3")."""
    found = {"tls-" + name.replace("_", "-"): str(value) if isinstance(value, pathlib.Path) else value
             for name, value in keys.items()}
    return dict(found, tls=mode) if mode else found


class Daemon:
    """ftphealthd with a configuration of its own. AGENTX is the master's socket; or LISTEN is the
    port on which it is an agent by itself, with SNMP as its ftphealthd.conf."""

    DEFAULTS = {"interval": "1s", "timeout": "1s"}
    TOP = {}  # keys that each configuration has

    def __init__(self, targets=(), agentx=None, listen=None, snmp="", defaults=None, watchdog=None,
                 options=(), wrapper=None, top=None, env=None):
        """TOP: keys of the configuration beside targets and defaults; ENV: more environment."""
        self.folder = temporary_folder()
        self.top, self.env = dict(self.TOP, **(top or {})), env or {}
        self.show_log = True
        self.netsnmp = NetSnmp(self.folder / "net-snmp")
        self.agentx, self.listen, self.watchdog, self.options = agentx, listen, watchdog, options
        self.wrapper = wrapper or shlex.split(os.environ.get("FTPHEALTH_WRAPPER", ""))
        self.defaults = dict(self.DEFAULTS, **(defaults or {}))
        self.config = self.folder / "ftphealth.yaml"
        self.log_path = self.folder / "log"
        self.configure(targets)
        if listen:
            (self.netsnmp.conf / "ftphealthd.conf").write_text(
                snmp or "rocommunity public 127.0.0.1\n")
            self.client = Client(self.netsnmp, "127.0.0.1:%d" % listen)
            self.v3 = Client(self.netsnmp, "127.0.0.1:%d" % listen, V3)
            self.writer = Client(self.netsnmp, "127.0.0.1:%d" % listen, ("-v2c", "-c", "private"))
        self.process = self.manager = None

    def configure(self, targets, text=None):
        """Writes the configuration (JSON is YAML); TEXT is one word for word."""
        lines = ["store: %s" % json.dumps(str(self.folder / "state.db"))]
        if self.agentx:
            lines.append("agentx: { socket: %s }" % json.dumps(self.agentx))
        lines += ["%s: %s" % (key, json.dumps(value)) for key, value in self.top.items()]
        lines.append("defaults: " + json.dumps(self.defaults))
        lines.append("targets:" + ("" if targets else " []"))
        lines += ["  - " + json.dumps(t) for t in targets]
        self.config.write_text(text if text is not None else "\n".join(lines) + "\n")

    def command(self, *options):
        return [*self.wrapper, program("ftphealthd"), "-c", str(self.config), *options]

    def environment(self):
        env = dict(os.environ, SNMPCONFPATH=str(self.netsnmp.conf), LC_ALL="C")
        for name in ("JOURNAL_STREAM", "NOTIFY_SOCKET", "SNMP_PERSISTENT_DIR", "MIBS"):
            env.pop(name, None)
        return dict(env, **self.env)

    def start(self, ready=True):
        self.manager = ServiceManager(self.folder / "notify")
        env = dict(self.environment(), NOTIFY_SOCKET=str(self.manager.path))
        if self.watchdog:
            env["WATCHDOG_USEC"] = str(self.watchdog)
        options = list(self.options)
        if self.listen:
            options += ["--listen", "127.0.0.1:%d" % self.listen]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command(*options), env=env, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        if ready:
            wait_until(lambda: self.manager.count("READY=1") or self.process.poll() is not None,
                       "READY=1")
            assert self.process.poll() is None, self.log
        return self

    @property
    def log(self):
        return self.log_path.read_text("utf-8", "replace") if self.log_path.exists() else ""

    def reload(self):
        """SIGHUP, and its end."""
        before = self.manager.count("READY=1")
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.manager.count("READY=1") > before, "the end of the reload")

    def stop(self):
        """SIGTERM; returns the exit code."""
        code = end_process(self.process)
        self.manager.close()
        return 0 if code == 1 and has_known_leak_only(self.log) else code

    def kill(self):
        """SIGKILL; one that has ended before has crashed."""
        assert self.process.poll() is None, "it ended by itself with %d:\n%s" % (
            self.process.returncode, self.log[-4000:])
        self.process.kill()
        self.process.wait()
        self.manager.close()

    def check_config(self):
        p = subprocess.run(self.command("--check-config"), env=self.environment(), check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
        return p.returncode, p.stdout.decode(), p.stderr.decode()

    def close(self):
        """Ends it if need be; whatever happened, memory and threads were sound."""
        try:
            if self.process and self.process.poll() is None:
                code = self.stop()
                assert code == 0, "ftphealthd ended with %d:\n%s" % (code, self.log)
            if has_known_leak_only(self.log):
                return
            for sign in ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:",
                         "==ERROR"):
                assert sign not in self.log, self.log
        finally:
            if self.show_log:
                print("--- log of ftphealthd ---\n" + self.log)
            remove_folder(self.folder)


def run_ftphealth(*arguments, **keys):
    """The command ftphealth: (exit code, standard output, standard error)."""
    p = subprocess.run([*shlex.split(os.environ.get("FTPHEALTH_WRAPPER", "")), program("ftphealth"),
                        *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False, timeout=120, **keys)
    return p.returncode, p.stdout.decode("utf-8", "surrogateescape"), p.stderr.decode()
