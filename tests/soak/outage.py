#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The agent's own network fails: a cable that is pulled between it and all servers.

The daemon runs in a network namespace of its own, the servers in another, each on an address of its
own; a pair of virtual interfaces joins them. snmpd is elsewhere: a socket of the file system leads
to it. What is checked:
  - The cable is pulled on the agent's side (no route) or on the other (time-outs): no alarm is
    raised, the agent is impaired and says so in the MIB and in the journal.
  - When it is back all is well again: nothing was told.
  - One server of many that vanishes in the same way raises its alarm, and clears it.
"""
import argparse
import pathlib
import subprocess
import sys
import time

import ledger
import rig
from ledger import Ledger, Store, show

SERVERS = 6
RUNNING, IMPAIRED = 2, 3
TRUE, FALSE = 1, 2
FTPSERVER = str(pathlib.Path(rig.__file__).with_name("ftpserver.py"))
LIMIT = 120  # seconds: the agent itself doubts for 30 s, and 30 s longer soon after an outage


def address(n):
    return "198.18.0.%d" % (10 + n)  # RFC 2544: for tests of networks


class Namespace:
    """A network namespace, as long as a process lives in it. PARENT: in whose user namespace."""

    def __init__(self, parent=None):
        enter = parent.prefix if parent else []
        kind = ["-n"] if parent else ["-rn"]
        self.process = subprocess.Popen(
            [*enter, "unshare", *kind, "sh", "-c", "echo; exec sleep 1d"], stdout=subprocess.PIPE)
        # Of the process that is inside: unshare and nsenter become the program that they start.
        assert self.process.stdout.readline() == b"\n", "no network namespace"
        self.prefix = ["nsenter", "-U", "-n", "--preserve-credentials", "-t",
                       str(self.process.pid)]

    def ip(self, *arguments):
        subprocess.run([*self.prefix, "ip", *arguments], check=True)

    def close(self):
        self.process.kill()
        self.process.wait()


def why_not():
    """Why namespaces cannot be had here, or None."""
    for command in (["unshare", "-rn", "true"], ["ip", "-V"]):
        try:
            p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               check=False)
        except FileNotFoundError:
            return "%s is missing" % command[0]
        if p.returncode != 0:
            return p.stdout.decode().strip()
    return None


class Outage:
    def __init__(self):
        self.contract = rig.Contract()
        self.receiver = rig.TrapReceiver()
        self.ledger = Ledger(self.receiver, self.contract)
        self.here = Namespace()
        self.there = Namespace(self.here)
        self.processes = []
        self.wire()
        self.master = rig.Snmpd(sinks="trap2sink %s public\n" % self.receiver.where).start()
        targets = [{"name": "t%d" % n, "host": address(n), "port": self.serve(n)}
                   for n in range(SERVERS)]
        self.daemon = rig.Daemon(targets, agentx=self.master.agentx, wrapper=self.here.prefix)

    def wire(self):
        self.here.ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns",
                     str(self.there.process.pid))
        self.here.ip("address", "add", "198.18.0.1/24", "dev", "near")
        self.here.ip("link", "set", "near", "up")
        for n in range(SERVERS):
            self.there.ip("address", "add", address(n) + "/24", "dev", "far")
        self.there.ip("link", "set", "far", "up")

    def serve(self, n):
        p = subprocess.Popen([*self.there.prefix, sys.executable, "-B", FTPSERVER, "--address",
                              address(n), "--port", "2121", "--print-port"],
                             stdout=subprocess.PIPE)
        self.processes.append(p)
        return int(p.stdout.readline())

    def value(self, name):
        return self.master.client.value(self.contract(name))

    def wait(self, condition, what):
        return rig.wait_until(condition, what, LIMIT)

    def told(self):
        return [(t.event, t.target) for t in sorted(self.ledger.take().told.values(),
                                                    key=lambda t: t.sequence)]

    def wait_until_well(self):
        self.wait(lambda: self.value("ftpAuthSummaryOk") == SERVERS, "all to be ok")

    def pull(self, side, interface, minimum):
        """The cable is out for MINIMUM seconds at least, and until the agent knows."""
        before = self.told()
        start = time.monotonic()
        failed = sum(self.failures())
        side.ip("link", "set", interface, "down")
        self.wait(lambda: sum(self.failures()) > failed, "the first failures of our own")
        self.wait(lambda: self.value("ftpAuthAgentOutage") == TRUE, "the agent to know it")
        self.wait(lambda: self.value("ftpAuthAgentState") == IMPAIRED, "the agent to be impaired")
        assert "no alarm is raised for it" in self.daemon.log
        while time.monotonic() < start + minimum:
            time.sleep(0.2)
        assert self.value("ftpAuthAlarmsActive") == 0
        assert self.value("ftpAuthSummaryUnreachable") == 0
        side.ip("link", "set", interface, "up")
        self.wait(lambda: self.value("ftpAuthAgentOutage") == FALSE, "the end of the outage")
        assert "Servers answer again" in self.daemon.log
        good = self.goods()
        self.wait(lambda: all(b > a for a, b in zip(good, self.goods())), "each to log in again")
        self.wait_until_well()
        assert self.told() == before, "told: %s" % self.told()[len(before):]
        return round(time.monotonic() - start)

    def counters(self, name):
        return list(self.master.client.column(self.contract(name)).values())

    def failures(self):
        return self.counters("ftpAuthCountInternalError")

    def goods(self):
        return self.counters("ftpAuthCountOk")

    def one_server(self):
        """One address is gone: nothing answers for it, as when its host is off."""
        gone = [address(2) + "/24", "dev", "far"]
        self.there.ip("address", "del", *gone)
        self.wait(lambda: self.told()[-1] == ("ftpAuthUnreachable", "t2"), "its alarm")
        self.there.ip("address", "add", *gone)
        self.wait(lambda: self.told()[-1] == ("ftpAuthReachable", "t2"), "its end")
        self.wait_until_well()

    def run(self, pulls):
        self.daemon.start()
        self.wait(lambda: self.master.impatient.answers(self.contract("ftpAuthSummaryTotal")),
                  "the MIB")
        self.wait_until_well()
        self.one_server()
        for side, interface, minimum in pulls(self):
            print("outage: %s down for %d s" % (interface, self.pull(side, interface, minimum)),
                  flush=True)
        self.wait(lambda: self.value("ftpAuthAgentNotifyPending") == 0, "nothing to be pending")
        assert self.told() == [("ftpAuthAgentStarted", ""), ("ftpAuthUnreachable", "t2"),
                               ("ftpAuthReachable", "t2")]
        self.ledger.note(Store(self.daemon, self.contract))
        assert len(self.ledger.rows) == 3, "damped ones neither: %s" % self.ledger.rows
        assert not self.ledger.pairs()
        show("told", self.ledger.counts())

    def close(self):
        self.daemon.close()
        for p in self.processes:
            p.kill()
            p.wait()
            p.stdout.close()
        self.there.close()
        self.here.close()
        self.master.close()
        self.receiver.close()


def short(o):
    return [(o.here, "near", 0)]


def long(o):
    return [(o.here, "near", 45), (o.there, "far", 45), (o.here, "near", 0), (o.there, "far", 0)]


def run(pulls=long, keep=False):
    print("outage: %d servers" % SERVERS, flush=True)
    outage = Outage()
    outage.daemon.show_log = not keep
    try:
        outage.run(pulls)
    except BaseException:
        if keep:
            ledger.keep(outage.daemon)
        raise
    finally:
        outage.close()


def main():
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    reason = why_not()
    if reason:
        sys.exit("outage: no network namespaces here: " + reason)
    run(keep=True)
    print("outage: ok")


if __name__ == "__main__":
    sys.exit(main())
