# SPDX-License-Identifier: ISC
"""Evidence from the server's own side: Q269241 from end to end, its look-alikes, and documents that
cannot be read."""
import json
import os
import socket
import subprocess
import time

import pytest

import rig
import test_smb
from rig import target
from test_notify import Noc

OK, AT_RISK, REFUSED = 1, 2, 4
WARNING, CRITICAL, CLEARED = 3, 6, 1
UNKNOWN, PRESENT, MISSING = 1, 2, 3
ENABLED, DISABLED = 2, 3
NEVER, GOOD, DENIED, FAILED = 1, 2, 4, 6
INDEX = 13  # of a target whose turn is soon after the start, whatever the interval
EVERY = {"interval": "1s", "timeout": "1s"}
SETTINGS = """AnonymousPasswordSync           : (BOOLEAN) %s
AllowAnonymous                  : (BOOLEAN) True
AnonymousUserName               : (STRING) "IUSR_PLANT7"
"""


class Iis4:
    """An old Windows host: the FTP dialogue, ADMIN$ with its DLLs, and the print of adsutil."""

    def __init__(self, ftp, folder):
        self.server = ftp("iis4")
        self.folder = folder
        folder.chmod(0o755)
        self.setting = folder / "adsutil.txt"
        self.log = folder / "ex.log"
        self.netrc = folder / "netrc"
        self.netrc.write_text("machine 127.0.0.1 login %s password %s\n" %
                              (test_smb.USER, test_smb.PASSWORD))
        self.netrc.chmod(0o600)
        self.set_sync(True)
        self.smbd = test_smb.Smbd()

    def set_sync(self, on):
        self.setting.write_text(SETTINGS % on)

    def remove_module(self):
        (self.smbd.root / test_smb.DLL).unlink()

    def restore_module(self):
        self.smbd.put(test_smb.DLL, b"MZ\x90\0not really a DLL\n")

    def evidence(self, **keys):
        share = "smb://127.0.0.1:%d/ADMIN$/" % self.smbd.port
        return dict({
            "module": [share + test_smb.OTHER, share + test_smb.DLL],
            "control": share + test_smb.CONTROL,
            "setting": {"url": str(self.setting), "format": "adsutil"},
            "netrc": str(self.netrc),
            "interval": "4s", "timeout": "4s"}, **keys)

    def close(self):
        self.smbd.close()


@pytest.fixture
def iis4(ftp, tmp_path):
    reason = test_smb.why_not()
    if reason:
        pytest.skip(reason)
    host = Iis4(ftp, tmp_path)
    yield host
    host.close()


@pytest.fixture
def watch(receiver, daemon):
    def start(targets, **keys):
        d = daemon(targets, listen=rig.free_port(), **keys, snmp=receiver.sinks() +
                   "engineID %s\nrocommunity public 127.0.0.1\n" % rig.ENGINE_TEXT)
        d.start()
        return d
    return start


def column(d, contract, name, index=INDEX):
    return d.client.value(contract(name, index))


def wait_column(d, contract, name, value):
    rig.wait_until(lambda: column(d, contract, name) == value, "%s to be %s" % (name, value), 60)


def check(server, *options):
    """`ftphealth check --json` and its exit code."""
    p = subprocess.run([rig.program("ftphealth"), "check", "--json", *options,
                        "127.0.0.1:%d" % server.port], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False, timeout=120)
    assert p.stdout, p.stderr.decode()
    return json.loads(p.stdout), p.returncode


def options(evidence):
    """The keys of the configuration as options of `ftphealth check`."""
    out = []

    def add(key, value):
        if isinstance(value, dict):
            for k, v in value.items():
                add(key + "." + k, v)
        elif isinstance(value, list):
            for v in value:
                add(key, v)
        else:
            out.extend(["-e", "%s=%s" % (key, value)])
    for key, value in evidence.items():
        add(key, value)
    return out


def test_q269241(iis4, watch, receiver, contract):
    """Healthy; the DLL goes: at risk; 530: refused, and why; the DLL is back: all is cleared."""
    d = watch([target("plant-7", iis4.server, index=INDEX, **EVERY, evidence=iis4.evidence())])
    noc = Noc(receiver, contract)
    wait_column(d, contract, "ftpAuthEvidenceModule", PRESENT)
    wait_column(d, contract, "ftpAuthStatusState", OK)
    assert column(d, contract, "ftpAuthEvidenceSync") == ENABLED
    assert column(d, contract, "ftpAuthEvidenceResult") == GOOD
    assert column(d, contract, "ftpAuthEvidenceAnonymousUser") == "IUSR_PLANT7"
    assert column(d, contract, "ftpAuthEvidenceModulePath").endswith(test_smb.DLL)
    assert len(column(d, contract, "ftpAuthEvidenceModuleHash")) == 64
    assert column(d, contract, "ftpAuthStatusSoftware") == "Microsoft IIS FTP 4.0" or \
        "4.0" in column(d, contract, "ftpAuthStatusSoftware")

    iis4.remove_module()
    noc.wait("ftpAuthAtRisk")
    assert column(d, contract, "ftpAuthStatusState") == AT_RISK
    assert column(d, contract, "ftpAuthStatusService") == 1
    assert column(d, contract, "ftpAuthEvidenceModule") == MISSING
    assert column(d, contract, "ftpAuthEvidenceLatent") == 1
    assert d.client.value(contract("ftpAuthSummaryAtRisk")) == 1
    assert iis4.server.done[-1].password, "logins go on"

    iis4.server.behave("q269241")
    noc.wait("ftpAuthLoginRefused")
    iis4.server.behave("iis4")
    iis4.restore_module()
    noc.wait("ftpAuthLoginRecovered")
    noc.wait("ftpAuthAtRiskCleared")
    assert d.stop() == 0
    noc.wait("ftpAuthAgentStopping")

    risk, refused, cleared, recovered = (
        next(e.values for e in noc.events() if e.name(contract) == name) for name in (
            "ftpAuthAtRisk", "ftpAuthLoginRefused", "ftpAuthAtRiskCleared",
            "ftpAuthLoginRecovered"))
    assert (risk["ftpAuthNotifyFrom"], risk["ftpAuthNotifyTo"]) == (OK, AT_RISK)
    assert risk["ftpAuthNotifySeverity"] == WARNING
    assert risk["ftpAuthEvidenceModule"] == MISSING and risk["ftpAuthEvidenceSync"] == ENABLED
    assert risk["ftpAuthStatusReplyCode"] == 230
    assert risk["ftpAuthStatusDiagnosis"] == contract.diagnoses["subAuthModuleMissing"]
    assert "synchronization" in risk["ftpAuthStatusRemedy"]
    assert refused["ftpAuthNotifySeverity"] == CRITICAL
    assert refused["ftpAuthStatusDiagnosis"] == contract.diagnoses["subAuthModuleMissing"]
    assert "Q269241" in refused["ftpAuthStatusReference"]
    assert "synchronization" in refused["ftpAuthStatusRemedy"]
    assert refused["ftpAuthStatusReplyCode"] == 530
    assert cleared["ftpAuthNotifySeverity"] == recovered["ftpAuthNotifySeverity"] == CLEARED
    assert cleared["ftpAuthNotifyAlarm"] == risk["ftpAuthNotifyAlarm"] != 0
    assert recovered["ftpAuthNotifyAlarm"] == refused["ftpAuthNotifyAlarm"] != 0
    names = noc.names()
    for name in ("ftpAuthAtRisk", "ftpAuthAtRiskCleared", "ftpAuthLoginRefused",
                 "ftpAuthLoginRecovered"):
        assert names.count(name) == 1, names
    secrets(d, iis4)


def secrets(d, iis4):
    """The password of the share is in nothing that the daemon wrote."""
    assert test_smb.PASSWORD not in d.log
    for path in d.folder.rglob("*"):
        if path.is_file():
            assert test_smb.PASSWORD.encode() not in path.read_bytes(), path


def test_refused_first(iis4, watch, contract):
    """With evidence asked for once an hour, it is asked for at once when the login is refused."""
    d = watch([target("plant-7", iis4.server, index=INDEX, **EVERY,
                      evidence=iis4.evidence(interval="1h"))])
    wait_column(d, contract, "ftpAuthEvidenceModule", PRESENT)
    time.sleep(10)  # not a wait for anything: rounds on one target start at least so far apart
    iis4.remove_module()
    iis4.server.behave("q269241")
    wait_column(d, contract, "ftpAuthEvidenceModule", MISSING)
    wait_column(d, contract, "ftpAuthStatusDiagnosis", contract.diagnoses["subAuthModuleMissing"])
    assert column(d, contract, "ftpAuthStatusConfidence") >= 95
    assert column(d, contract, "ftpAuthStatusState") == REFUSED


def test_asked_for_again(ftp, watch, contract, tmp_path):
    """What could not be found out is not given up until the next turn, an hour later."""
    path = tmp_path / "vsftpd.conf"
    d = watch([target("t", ftp("good"), index=INDEX, **EVERY, evidence={
        "setting": {"url": str(path), "format": "vsftpd"}, "interval": "1h"})])
    wait_column(d, contract, "ftpAuthEvidenceSettingResult", FAILED)
    path.write_text("anonymous_enable=YES\n")
    wait_column(d, contract, "ftpAuthEvidenceSettingResult", GOOD)
    assert column(d, contract, "ftpAuthEvidenceAnonymousAllowed") == ENABLED


def test_sync_changes(iis4, watch, receiver, contract):
    """Synchronization that is turned off or on is told; across a restart too."""
    d = watch([target("plant-7", iis4.server, index=INDEX, **EVERY, evidence=iis4.evidence())])
    noc = Noc(receiver, contract)
    wait_column(d, contract, "ftpAuthEvidenceSync", ENABLED)
    since = column(d, contract, "ftpAuthEvidenceSyncChanged")
    iis4.set_sync(False)
    noc.wait("ftpAuthSyncChanged")
    event = next(e.values for e in noc.events() if e.name(contract) == "ftpAuthSyncChanged")
    assert event["ftpAuthNotifySyncFrom"] == ENABLED
    assert event["ftpAuthEvidenceSync"] == DISABLED
    assert event["ftpAuthNotifyAlarm"] == 0
    assert "turned off" in event["ftpAuthNotifyText"]
    assert column(d, contract, "ftpAuthEvidenceSyncChanged") != since
    assert d.stop() == 0
    iis4.set_sync(True)
    d.start()
    noc.wait("ftpAuthSyncChanged", 2)
    assert noc.events()[-1].values["ftpAuthNotifySyncFrom"] == DISABLED


def test_at_risk_over_a_restart(iis4, watch, receiver, contract):
    """The alarm stays open: it is neither cleared before evidence is there, nor raised again."""
    iis4.remove_module()
    d = watch([target("plant-7", iis4.server, index=INDEX, **EVERY, evidence=iis4.evidence())])
    noc = Noc(receiver, contract)
    noc.wait("ftpAuthAtRisk")
    assert d.stop() == 0
    d.start()
    wait_column(d, contract, "ftpAuthEvidenceModule", MISSING)
    wait_column(d, contract, "ftpAuthStatusDiagnosis", contract.diagnoses["subAuthModuleMissing"])
    assert column(d, contract, "ftpAuthStatusState") == AT_RISK
    iis4.restore_module()
    noc.wait("ftpAuthAtRiskCleared")
    assert noc.names().count("ftpAuthAtRisk") == noc.names().count("ftpAuthAtRiskCleared") == 1


def test_at_risk_ends_with_the_evidence(iis4, watch, receiver, contract):
    """Evidence that is taken out of the configuration closes the alarm."""
    iis4.remove_module()
    d = watch([target("plant-7", iis4.server, index=INDEX, **EVERY, evidence=iis4.evidence())])
    noc = Noc(receiver, contract)
    noc.wait("ftpAuthAtRisk")
    d.configure([target("plant-7", iis4.server, index=INDEX, **EVERY)])
    d.reload()
    noc.wait("ftpAuthAtRiskCleared")
    assert column(d, contract, "ftpAuthStatusState") == OK


# ------------------------------------------------------------------ look-alikes, by `ftphealth check`


def test_reload_during_the_only_round(ftp, daemon):
    """A round that a reload breaks off begins anew, though no other target has evidence."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(rig.PATIENCE)
        asked = target("asked", ftp("good"), evidence={
            "snmp": {"agent": "udp:127.0.0.1:%d" % silent.getsockname()[1]},
            "interval": "600s", "timeout": "600s"})
        d = daemon([asked], listen=rig.free_port())
        d.start()
        _, first = silent.recvfrom(65536)
        d.configure([asked, target("late", ftp("good"))])
        d.reload()
        rig.wait_until(lambda: silent.recvfrom(65536)[1] != first, "a question by another process")


def w3c_log(iis4, win32):
    """The FTP log with our refusal, written with the e-mail address that our check gives. Others
    were there before us: its head is far from its end."""
    iis4.log.write_text(
        "#Software: Microsoft Internet Information Server 4.0\n#Version: 1.0\n"
        "#Date: 2000-10-23 01:00:00\n"
        "#Fields: time c-ip cs-method cs-uri-stem sc-status sc-win32-status\n"
        + "01:00:07 192.0.2.7 [1]PASS bob@example.org 230 0\n" * 30000 +
        "01:46:30 127.0.0.1 [1]USER anonymous 331 0\n"
        "01:46:30 127.0.0.1 [1]PASS probe@example.net 530 %d\n" % win32)
    return {"url": str(iis4.log)}


@pytest.mark.parametrize("script, module, sync, win32, diagnosis, least", [
    ("q269241", False, True, None, "subAuthModuleMissing", 95),
    ("q269241", False, True, 126, "subAuthModuleMissing", 99),
    ("q269241", True, True, 1385, "logonRightMissing", 95),
    ("q269241", True, False, 1326, "wrongCredentials", 95),
    ("q269241", False, False, 1326, "wrongCredentials", 85),
    ("q269241", True, True, 1331, "accountLocked", 95),
    ("iis4", True, True, None, "none", 100),
    ("iis4", False, False, None, "none", 100),
    ("iis4", False, True, None, "subAuthModuleMissing", 85),
], ids=["the fault", "the fault, in the log", "a right", "a password", "sync off", "the account",
        "sound", "immune", "latent"])
def test_look_alikes(iis4, script, module, sync, win32, diagnosis, least):
    if not module:
        iis4.remove_module()
    iis4.set_sync(sync)
    iis4.server.behave(script)
    evidence = iis4.evidence()
    if win32:
        evidence["log"] = w3c_log(iis4, win32)
    got, code = check(iis4.server, "--password", "probe@example.net", *options(evidence))
    assert got["diagnosis"] == diagnosis, got
    assert got["confidence"] >= least
    assert got["evidence"]["module"]["presence"] == ("present" if module else "missing")
    assert got["evidence"]["setting"]["sync"] == ("enabled" if sync else "disabled")
    assert got["evidence"]["module"]["result"] == got["evidence"]["setting"]["result"] == "ok"
    latent = script == "iis4" and diagnosis != "none"
    assert code == (2 if script == "q269241" else 1 if latent else 0)
    assert got["state"] == ("refused" if script == "q269241" else "atRisk" if latent else "ok")


def test_iis7_is_never_sub_authentication(iis4):
    """The same evidence beside another banner is another fault."""
    iis4.remove_module()
    iis4.server.behave("iis7-530")
    got, code = check(iis4.server, *options(iis4.evidence()))
    assert code == 2
    assert got["diagnosis"] != "subAuthModuleMissing"
    assert all(c["diagnosis"] != "subAuthModuleMissing" or c["confidence"] < 20
               for c in got["candidates"])


# ------------------------------------------------------------------ what cannot be read


def bomb():
    entities = "".join('<!ENTITY a%d "%s">' % (i, ("&a%d;" % (i - 1)) * 10) for i in range(1, 12))
    return ('<?xml version="1.0"?><!DOCTYPE c [<!ENTITY a0 "ha">%s]><configuration>&a11;'
            "</configuration>" % entities)


def make_document(kind, path):
    """Puts something at PATH that is no document."""
    if kind == "a huge file":
        with open(path, "wb") as f:
            f.truncate(2 << 30)
    elif kind == "a named pipe":
        os.mkfifo(path)
    elif kind == "a symlink loop":
        path.symlink_to(path)
    elif kind == "a folder":
        path.mkdir()
    elif kind == "a socket":
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(str(path))
    elif kind == "an XML bomb":
        path.write_text(bomb())
    elif kind == "garbage":
        path.write_bytes(os.urandom(4096))
    elif kind == "an empty file":
        path.write_text("")


@pytest.mark.parametrize("kind", ["a huge file", "a named pipe", "a symlink loop", "a folder",
                                  "a socket", "an XML bomb", "garbage", "an empty file",
                                  "nothing"])
@pytest.mark.parametrize("format_", ["adsutil", "metabase-xml", "applicationhost", "vsftpd"])
def test_bad_documents(ftp, tmp_path, kind, format_):
    """Evidence failed, with the reason; the login and its diagnosis are as without."""
    server = ftp("q269241")
    path = tmp_path / "document"
    make_document(kind, path)
    got, code = check(server, "-e", "setting.url=%s" % path, "-e", "setting.format=" + format_)
    plain, _ = check(server)
    item = got["evidence"]["setting"]
    assert item["result"] == "failed", item
    assert item["reason"] and item["age_s"] is None
    assert code == 2
    for key in ("state", "outcome", "diagnosis", "confidence", "candidates"):
        assert got[key] == plain[key], key


def test_bad_documents_and_the_daemon(ftp, watch, contract, tmp_path):
    """The same in the daemon: a reason in the MIB, and everything else goes on."""
    server = ftp("good")
    os.mkfifo(tmp_path / "pipe")
    d = watch([target("t", server, index=INDEX, **EVERY, evidence={
        "setting": {"url": str(tmp_path / "pipe"), "format": "vsftpd"}, "interval": "1s",
        "timeout": "1s"}),
               target("other", server, **EVERY)])
    wait_column(d, contract, "ftpAuthEvidenceResult", FAILED)
    assert "pipe" in column(d, contract, "ftpAuthEvidenceError")
    assert column(d, contract, "ftpAuthEvidenceSettingResult") == FAILED
    assert column(d, contract, "ftpAuthEvidenceModuleResult") == NEVER
    before = len(server.sessions)
    rig.wait_until(lambda: len(server.sessions) > before + 4, "logins to go on")
    assert column(d, contract, "ftpAuthStatusState") == OK


def test_todays_server(ftp, watch, contract, tmp_path):
    """anonymous_enable=NO is evidence too."""
    path = tmp_path / "vsftpd.conf"
    path.write_text("listen=YES\nanonymous_enable=NO\nlocal_enable=YES\n")
    server = ftp("vsftpd-530")
    d = watch([target("t", server, index=INDEX, **EVERY, evidence={
        "setting": {"url": str(path), "format": "vsftpd"}, "interval": "1s", "timeout": "1s"})])
    wait_column(d, contract, "ftpAuthEvidenceAnonymousAllowed", DISABLED)
    wait_column(d, contract, "ftpAuthStatusDiagnosis", contract.diagnoses["anonymousDisabled"])
    assert column(d, contract, "ftpAuthStatusConfidence") >= 95


def test_wrong_password_of_the_share(iis4, watch, contract):
    """Told apart from an absent module, without the secret."""
    iis4.remove_module()
    iis4.netrc.write_text("machine 127.0.0.1 login %s password not-this-one\n" % test_smb.USER)
    d = watch([target("plant-7", iis4.server, index=INDEX, **EVERY, evidence=iis4.evidence())])
    wait_column(d, contract, "ftpAuthEvidenceModuleResult", DENIED)
    assert column(d, contract, "ftpAuthEvidenceModule") == UNKNOWN
    assert "not-this-one" not in d.log
    assert column(d, contract, "ftpAuthStatusState") == OK


def test_netrc_that_others_can_read(iis4):
    """Is refused, and the reason says so."""
    iis4.netrc.chmod(0o644)
    got, code = check(iis4.server, *options(iis4.evidence()))
    assert got["evidence"]["module"]["result"] == "failed"
    assert "netrc" in got["evidence"]["module"]["reason"]
    assert code == 0


@pytest.mark.parametrize("more,limit", [((), 5000), (("-e", "timeout=700ms"), 700)])
def test_evidence_that_hangs(ftp, more, limit):
    """It takes no longer than the login may, or than it may itself; and the login has its result."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = "http://127.0.0.1:%d/x" % silent.getsockname()[1]
        got, code = check(ftp("good"), "-t", "5", "-e", "setting.url=" + url, "-e",
                          "setting.format=adsutil", *more)
    assert (got["outcome"], code) == ("ok", 0)
    assert got["evidence"]["setting"]["result"] == "unreachable"
    assert "no answer within %d ms" % limit in got["evidence"]["setting"]["reason"]


def test_a_check_with_bad_keys(ftp):
    server = ftp("good")
    for bad, word in ((["-e", "module=/x"], "control"), (["-e", "nothing=1"], "nothing"),
                      (["-e", "setting.url=/x"], "format"), (["-e", "module"], "KEY=VALUE"),
                      (["-e", "control=smb://u:secret-word@h/s/f"], "netrc")):
        p = subprocess.run([rig.program("ftphealth"), "check", *bad,
                            "127.0.0.1:%d" % server.port], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, check=False, timeout=60)
        assert p.returncode == 64, bad
        assert word in p.stderr.decode(), p.stderr.decode()
        assert "secret-word" not in p.stderr.decode()
