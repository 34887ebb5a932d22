# SPDX-License-Identifier: ISC
"""What a monitoring system is tried with: servers in all states, a daemon and its snmpd, and the
files of integrations/ as they are rendered for this build."""
import os
import pathlib
import re
import shutil
import subprocess

import ftpserver
import rig
from rig import target
from values import name_index

OK, WARNING, CRITICAL, UNKNOWN = range(4)


def unpacked(name, file):
    """The folder of the packages NAME as scripts/fetch-nms unpacks them, if FILE is there."""
    folder = pathlib.Path(os.environ.get("NMS") or rig.ROOT / "build/nms") / name
    return folder if (folder / file).exists() else None


def program(name, file):
    """The path of a program of the packages NAME, or of this machine; or None."""
    folder = unpacked(name, "usr/bin/" + file)
    return str(folder / "usr/bin" / file) if folder else shutil.which(file)


def why_not(name, file):
    """Why NAME cannot be run here, or None."""
    if unpacked(name, file):
        return None
    return "%s is not there: scripts/fetch-nms %s" % (name, os.environ.get("NMS") or "build/nms")


def render(folder, *below):
    """The files of integrations/ for the base of this build; of the folders BELOW alone, if any."""
    subprocess.run([rig.ROOT / "integrations/render", "--out", folder, *below], check=True,
                   stdout=subprocess.DEVNULL, timeout=60,
                   env=dict(os.environ, FTPHEALTHD=rig.program("ftphealthd")))
    return folder


def plugins(folder):
    """A folder of plugins as a monitoring system has it, with ours."""
    folder.mkdir()
    stock = unpacked("plugins", "usr/lib/nagios/plugins/check_snmp") / "usr/lib/nagios/plugins"
    for plugin in stock.iterdir():
        (folder / plugin.name).symlink_to(plugin)
    ours = folder / "check_ftp_auth_health"
    ours.unlink(missing_ok=True)
    ours.symlink_to(rig.program("check_ftp_auth_health"))
    return folder


def trap_receiver(files, *submit):
    """An snmptrapd whose handler for our notifications runs the command SUBMIT, as its
    documentation says."""
    which = re.search(r"^ +traphandle (\S+) ", pathlib.Path(submit[0]).read_text(), re.M).group(1)
    return rig.TrapReceiver(["%s %s --exec %s" % (
        which, files / "snmptrapd/ftp-auth-health-traphandle", " ".join(map(str, submit)))])


def at_risk(folder):
    """Evidence, in FOLDER, on a server whose logins will stop."""
    (folder / "control").write_text("x")
    (folder / "set").write_text("AnonymousPasswordSync : (BOOLEAN) True\n")
    return {"module": [str(folder / "gone")], "control": str(folder / "control"),
            "setting": {"url": str(folder / "set"), "format": "adsutil"}, "interval": "1s",
            "timeout": "1s"}


class Watched:
    """`servers` by name, with a `daemon` that watches them as subagent of `snmpd`."""

    STATES = {"ok": 1, "atRisk": 2, "refused": 4, "unreachable": 5}

    def __init__(self, contract):
        self.contract = contract
        self.servers = {}
        self.snmpd = self.daemon = None

    def wait(self, name, state):
        oid = self.contract("ftpAuthNameState", name_index(name))
        rig.wait_until(lambda: self.snmpd.impatient.answers(oid) and
                       self.snmpd.client.value(oid) == self.STATES[state], "%s to be %s" % (name, state))

    def close(self):
        try:
            if self.daemon:
                self.daemon.close()
        finally:
            self.snmpd.close()
            for server in self.servers.values():
                server.close()


class Scene(Watched):
    """Targets "good", "refused", "risk", "plant7" and "plant8"; each has the index of its place.
    `plant` is the server of plant7."""

    TARGETS = ("good", "refused", "risk", "plant7", "plant8")

    def __init__(self, folder, receiver, contract):
        super().__init__(contract)
        evidence = at_risk(folder)
        self.servers = {name: ftpserver.FtpServer("q269241" if name == "refused" else "iis4")
                        for name in self.TARGETS}
        self.snmpd = rig.Snmpd(sinks="trap2sink %s public" % receiver.where).start()
        self.daemon = rig.Daemon(
            [target(name, self.servers[name], index=i,
                    **({"evidence": evidence} if name == "risk" else {}))
             for i, name in enumerate(self.TARGETS, 1)], agentx=self.snmpd.agentx).start()
        for name, state in zip(self.TARGETS, ("ok", "refused", "atRisk", "ok", "ok")):
            self.wait(name, state)

    plant = property(lambda self: self.servers["plant7"])
