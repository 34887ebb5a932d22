# SPDX-License-Identifier: ISC
"""The lives of the daemon through which calls fail, and who listens to what it tells."""
import http.client
import re
import signal
import socket
import subprocess
import threading
import time

import rig
from rig import target

LIMIT = 60  # seconds, for what takes one or two
FAULT_LASTS = 1.5  # seconds; where it does not end by itself
TOLD = ("ftpAuthLoginRefused", "ftpAuthLoginRecovered", "ftpAuthUnreachable", "ftpAuthReachable")
# What evidence, certificates and what follows a login tell; nothing of it is so here.
NEVER = ("ftpAuthDegraded", "ftpAuthDegradedCleared", "ftpAuthAtRisk", "ftpAuthAtRiskCleared",
         "ftpAuthSyncChanged", "ftpAuthCertExpiring", "ftpAuthCertRenewed")
SIGNS = ("Sanitizer", "runtime error:", "==ERROR", "ssertion")
FETCH = {"after-login": {"command": "retr", "path": "/f"}}
PATIENT = {"interval": "2s", "timeout": "2s"}  # a server that is slow for once is no lie
SETTING, BEFORE, AFTER = "ftpAuthNotifyRepeat", 0, 3600  # what a manager changes


def encode(oid):
    """An OID's arcs in BER."""
    arcs = [int(arc) for arc in oid.strip(".").split(".")]
    out = bytearray([40 * arcs[0] + arcs[1]])
    for arc in arcs[2:]:
        octets = [arc & 0x7f]
        while arc > 0x7f:
            arc >>= 7
            octets.append(0x80 | (arc & 0x7f))
        out += bytes(reversed(octets))
    return bytes(out)


class Sink:
    """A receiver of v2c traps that looks for the names of notifications and targets in them."""

    def __init__(self, contract, targets):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.where = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.told = []  # (notification, target)
        self.names = {name: b"\x06" + bytes((len(encode(contract.oids[name])),))
                      + encode(contract.oids[name]) for name in TOLD + NEVER}
        self.targets = {name: b"\x04" + bytes((len(name),)) + name.encode() for name in targets}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                packet = self.socket.recv(65536)
            except OSError:
                return
            if not packet:
                return
            self.told += [(n, t) for n, oid in self.names.items() if oid in packet
                          for t, name in self.targets.items() if name in packet]

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            host, port = self.where.split(":")
            s.sendto(b"", (host, int(port)))


class Life:
    """One daemon, from its start to its end; again when a fault kept it from starting."""

    kind = "daemon"

    def __init__(self, run, sink, env, over, fault):
        self.run_, self.sink, self.over, self.fault = run, sink, over, fault
        self.targets = self.make_targets(run)
        self.late = target("late", run.good)
        self.daemon = self.make_daemon(env)
        self.daemon.show_log = False
        self.troubles, self.ended_well, self.again, self.said = [], False, False, ""
        self.timer = threading.Timer(FAULT_LASTS, self.over.touch)

    log = property(lambda self: self.said or self.daemon.log)

    def make_targets(self, run):
        """Three that are good once the late one is there, and a bad one."""
        return [target("good", run.good, **FETCH), target("bad", run.bad),
                dict(target("named", run.good), host="localhost", **{"address-family": "ipv4"})]

    def make_daemon(self, env):
        return rig.Daemon(self.targets, listen=rig.free_port(), env=env,
                          top={"flap": {"changes": 0}}, defaults=PATIENT,
                          snmp="rocommunity public 127.0.0.1\nrwcommunity private 127.0.0.1\n"
                          "trap2sink %s public\n" % self.sink.where)

    def meanwhile(self):
        """What is done while calls may fail, after the first states."""

    def afterwards(self):
        """What must go well when nothing fails any more."""

    def wait(self, condition, what):
        """Waits, but not for one that has ended. When its loop cannot go on it says so and ends, and
        the service manager starts it again."""
        def alive_or_so():
            code = self.daemon.process.poll()
            if code is None or (code == 69 and "event loop failed" in self.log
                                and not self.again and self.start_again()):
                return condition()
            raise AssertionError("it ended with %s, waiting for %s" % (code, what))
        rig.wait_until(alive_or_so, what, LIMIT)

    def start_again(self):
        self.again = True
        self.over.touch()
        self.daemon.manager.close()
        assert self.start(), "it does not start without the fault, either"
        return True

    def start(self):
        """True when it runs; it may refuse to, for a reason that it names."""
        d = self.daemon
        d.start(ready=False)
        if self.fault and self.fault.how != "once" and not self.timer.ident:
            self.timer.start()
        rig.wait_until(lambda: d.manager.count("READY=1") or d.process.poll() is not None,
                       "READY=1", LIMIT)
        if d.manager.count("READY=1"):
            return True
        code = d.process.wait()
        assert code >= 0, "signal %d at the start" % -code
        assert code == 69, "it ended with %d: that is nobody's mistake" % code
        assert d.log.strip(), "it ended with %d without a word" % code
        return False

    def run(self):
        if not self.start():
            assert self.fault, self.log
            self.start_again()
        self.wait(lambda: self.daemon.manager.status().endswith("2 ok, 1 refused"),
                  "the first states")
        self.meanwhile()
        self.reload()
        if self.fault and self.fault.how != "once":
            self.wait(self.over.exists, "the end of the fault")
        for _ in range(3):
            if self.is_settled(1.2):
                break
            self.reload()
        self.wait(lambda: self.daemon.manager.status().endswith("3 ok, 1 refused"),
                  "the states after the reload")
        self.afterwards()
        self.stop()
        self.judge()

    def is_settled(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.daemon.manager.status().endswith("3 ok, 1 refused"):
                return True
            time.sleep(0.02)
        return False

    def reload(self):
        d = self.daemon
        d.configure([*self.targets, self.late])
        manager, before = d.manager, d.manager.count("READY=1")
        d.process.send_signal(signal.SIGHUP)
        try:
            self.wait(lambda: d.manager != manager or d.manager.count("READY=1") > before,
                      "the end of the reload")
        except AssertionError:
            # What tells that it is ready may be what failed: then the state tells.
            if not self.is_settled(0):
                raise

    def stop(self):
        d = self.daemon
        d.process.send_signal(signal.SIGTERM)
        try:
            code = d.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            where = rig.where_it_hangs(d.process.pid)
            raise AssertionError("it does not end\n" + where) from None
        assert (code == 0 or (code == 1 and rig.has_known_leak_only(self.log))
                or (code == 69 and "event loop failed" in self.log)), "exit code %d" % code
        self.ended_well = True

    def judge(self):
        told = list(self.sink.told)
        wrong = [(n, t) for n, t in told if t != "bad" or n != TOLD[0]]
        if wrong:
            self.troubles.append("a lie: %s" % wrong)
        if (TOLD[0], "bad") not in told and not re.search(
                r"[Nn]otif|send|trap|[Ee]vent \d+|memory|alloc|not written", self.log):
            self.troubles.append("the refusal was not told, and nobody says so")
        self.troubles += ["%s in its log" % sign for sign in SIGNS
                          if sign in self.log and not rig.has_known_leak_only(self.log)]

    def end(self):
        self.timer.cancel()
        process = self.daemon.process
        if process and process.poll() is None:
            process.kill()
            process.wait()
        if self.daemon.manager:
            self.daemon.manager.close()
        self.said = self.log
        rig.remove_folder(self.daemon.folder)


class ManagedLife(Life):
    """One that a manager asks and orders about."""

    reader = property(lambda self: self.daemon.client)
    writer = property(lambda self: self.daemon.writer)

    def value(self, name):
        """Of a scalar, or None when there is no answer."""
        try:
            return self.reader.value(self.run_.contract(name))
        except (rig.SnmpTimeout, AssertionError):
            return None

    def order(self, value, writer=None):
        """Whether a SET was taken."""
        try:
            return (writer or self.writer).set(self.run_.contract(SETTING), "u", value) == ""
        except rig.SnmpTimeout:
            return None

    def meanwhile(self):
        """Sent once: of two of the same the first may be refused, and the second be taken."""
        w = self.writer
        taken = self.order(AFTER, rig.Client(w.netsnmp, w.where, w.credentials, timeout=10, retries=0))
        self.wait(lambda: self.value(SETTING) is not None, "an answer after the SET")
        now = self.value(SETTING)
        if self.daemon.process.poll() is not None or taken is None or now is None:
            return
        if now != (AFTER if taken else BEFORE):
            self.troubles.append("the SET was %s, and the value is %s" % (
                "taken" if taken else "refused", now))

    def afterwards(self):
        self.wait(lambda: self.order(AFTER) and self.value(SETTING) == AFTER, "a SET")
        self.wait(lambda: self.value("ftpAuthSummaryOk") == 3, "the MIB")


class SubagentLife(ManagedLife):
    """As AgentX subagent of a snmpd of its own."""

    kind = "subagent"
    reader = property(lambda self: self.master.client)
    writer = property(lambda self: self.master.writer)

    def make_daemon(self, env):
        self.master = rig.Snmpd(sinks="trap2sink %s public\n" % self.sink.where).start()
        return rig.Daemon(self.targets, agentx=self.master.agentx, env=env,
                          top={"flap": {"changes": 0}}, defaults=PATIENT)

    def end(self):
        super().end()
        self.master.close()


class WatchfulLife(ManagedLife):
    """With TLS, with evidence by each of the programs that fetch it, and asked for metrics."""

    kind = "watchful"
    RESULTS = ("ftpAuthEvidenceModuleResult", "ftpAuthEvidenceSettingResult",
               "ftpAuthEvidenceSnmpResult", "ftpAuthEvidenceModule", "ftpAuthEvidenceSync",
               "ftpAuthEvidenceLatent")
    WANTED = [2, 2, 2, 2, 3, 2]  # ok thrice, present, disabled, false

    def make_targets(self, run):
        tls = rig.tls_keys("explicit", ca=str(run.ca))
        return [target("good", run.good, evidence=run.evidence, **FETCH), target("bad", run.bad),
                target("named", run.secure, **tls)]

    def make_daemon(self, env):
        self.metrics = "127.0.0.1:%d" % rig.free_port()
        d = super().make_daemon(env)
        d.top["metrics"] = {"listen": self.metrics}
        d.configure(self.targets)
        return d

    def scrape(self):
        """The text of /metrics, or None when there is none."""
        host, port = self.metrics.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=LIMIT)
        try:
            connection.request("GET", "/metrics", headers={
                "Accept": "application/openmetrics-text; version=1.0.0"})
            answer = connection.getresponse()
            text = answer.read().decode()
            return text if answer.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def results(self):
        try:
            values = self.reader.get(*(self.run_.contract(name, 1) for name in self.RESULTS))
            return [v.value for v in values]
        except (rig.SnmpTimeout, AssertionError):
            return None

    def complaint(self):
        """Of the latest collection that failed."""
        try:
            return self.reader.value(self.run_.contract("ftpAuthEvidenceError", 1))
        except (rig.SnmpTimeout, AssertionError):
            return None

    def meanwhile(self):
        super().meanwhile()
        text = self.scrape()
        if text is not None and not text.endswith("# EOF\n"):
            self.troubles.append("metrics end with %r" % text[-100:])

    def afterwards(self):
        super().afterwards()
        try:
            self.wait(lambda: self.results() == self.WANTED, "the evidence")
        except AssertionError as e:
            raise AssertionError("%s: %s, %s" % (e, self.results(), self.complaint())) from None
        self.wait(lambda: (self.scrape() or "").endswith("# EOF\n"), "metrics")


LIVES = {life.kind: life for life in (Life, SubagentLife, WatchfulLife)}
