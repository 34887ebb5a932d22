#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Does what one page of doc/ says, in a place that is thrown away.

    place.py PAGE FOLDER    in namespaces of its own, which test_doc.py makes; FOLDER is empty

The place is the machine's own file system, with what is written kept in memory, and a network with
nothing but a few hosts of example.com on loopback. So the pages have the real paths and ports.
"""
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time

import ftpserver
import nms
import rig
import test_smb
import test_snmp_ask
from page import HOME, File, PageError, World, read_page

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 30
USER = "you"
HOSTS = {"ftp.example.com": "192.0.2.1", "ftp2.example.com": "192.0.2.2",
         "iis4.example.com": "192.0.2.7", "noc.example.com": "192.0.2.100",
         "monitor.example.com": "192.0.2.9"}
BASE = "1.3.6.1.4.1.8072.9999.9999.269241"
# What Debian's snmpd is installed with, whatever this machine has made of it.
SNMPD_CONF = """master  agentx
agentaddress  127.0.0.1,[::1]
view   systemonly  included   .1.3.6.1.2.1.1
view   systemonly  included   .1.3.6.1.2.1.25.1
rocommunity  public default -V systemonly
rocommunity6 public default -V systemonly
rouser authPrivUser authpriv -V systemonly
includeDir /etc/snmp/snmpd.conf.d
"""

# What servers of today say, beside the scripts of ftpserver.py.
VSFTPD = {"connect": "220 (vsFTPd 3.0.3)", "USER": "331 Please specify the password."}
SCRIPTS = {
    "vsftpd": ftpserver.script(**VSFTPD),
    "vsftpd-no-home": ftpserver.script(**VSFTPD, PASS=(
        "500 OOPS: cannot change directory:/srv/ftp", ftpserver.CLOSE)),
    "vsftpd-serves": ftpserver.session(
        "150 Here comes the file.", ftpserver.data(b"hello\n"), ftpserver.DATA_CLOSE,
        "226 Transfer complete.", **VSFTPD),
    "vsftpd-file-gone": ftpserver.session("550 Failed to open file.", **VSFTPD),
    "vsftpd-no-data": ftpserver.session(**VSFTPD, EPSV=(
        ftpserver.REFUSE, "229 Entering Extended Passive Mode (|||{port}|)")),
}


# ------------------------------------------------------------------ the place

def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def change_root(root):
    """This machine's files, and what is written to them in memory."""
    mount("-t", "tmpfs", "tmpfs", root)
    new = root / "root"
    for name in ("upper", "work", "root"):
        (root / name).mkdir()
    mount("-t", "overlay", "overlay", "-o", "lowerdir=/,upperdir=%s,workdir=%s" %
          (root / "upper", root / "work"), new)
    packages = os.path.abspath(os.environ.get("NMS") or rig.ROOT / "build/nms")
    for path in ("/dev", "/sys", os.environ["BUILDDIR"], os.environ["SRCDIR"], packages):
        if not os.path.exists(path):
            continue
        (new / path[1:]).mkdir(parents=True, exist_ok=True)
        mount("--rbind", path, new / path[1:])
    mount("-t", "proc", "proc", new / "proc")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", new / "run")
    os.chroot(new)
    os.chdir("/")


def run(*command, **keys):
    subprocess.run([str(c) for c in command], check=True, **keys)


def add_user(name, *options):
    if name not in {entry.pw_name for entry in pwd.getpwall()}:
        run("useradd", *options, name)


def make_network():
    run("ip", "link", "set", "lo", "up")
    # A socket unit of systemd opens port 162 for snmptrapd.
    pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")
    for address in HOSTS.values():
        run("ip", "address", "add", address + "/32", "dev", "lo")
    pathlib.Path("/etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n" + "".join(
        "%s %s %s\n" % (address, name, name.split(".")[0]) for name, address in HOSTS.items()))
    pathlib.Path("/etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")
    socket.sethostname("monitor")


def compiled_in(build):
    """The folders of the configuration and of the helpers that these programs were built with."""
    octets = (build / "ftphealthd").read_bytes()
    return [re.search(pattern, octets)[1].decode() for pattern in (
        rb"\0(/[ -~]*)/ftphealth/ftphealth\.yaml\0", rb"\0(/[ -~]*/ftphealth)\0")]


def fill(source, build, base, sysconfdir, libexec):
    """What the package installs, and a machine on which nothing was configured yet."""
    for path in ("/etc/ftphealth", "/var/lib/ftphealth", "/var/lib/snmp", "/etc/snmp/snmpd.conf.d"):
        shutil.rmtree(path, ignore_errors=True)
        pathlib.Path(path).mkdir(parents=True)
    os.chown("/var/lib/snmp", pwd.getpwnam("Debian-snmp").pw_uid, -1)
    pathlib.Path("/etc/snmp/snmpd.conf").write_text(SNMPD_CONF)
    pathlib.Path("/etc/snmp/snmp.conf").write_text("mibs :\n")
    add_user("ftphealth", "--system", "--home-dir", "/var/lib/ftphealth")
    add_user(USER, "--create-home", "--home-dir", HOME)
    plugins = "/usr/lib/nagios/plugins"
    for name, folder in (("ftphealth", "/usr/bin"), ("ftphealthd", "/usr/sbin"),
                         ("check_ftp_auth_health", plugins), ("ftphealth-smb", libexec),
                         ("ftphealth-fetch", libexec), ("ftphealth-snmp", libexec)):
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(build / name, folder)
    integrations = pathlib.Path("/usr/share/ftphealth/integrations")
    integrations.parent.mkdir(parents=True, exist_ok=True)
    if base == BASE:
        integrations.symlink_to(source / "integrations")
    else:
        nms.render(integrations)
    if sysconfdir != "/etc":
        pathlib.Path(sysconfdir).mkdir(parents=True, exist_ok=True)
        os.symlink("/etc/ftphealth", sysconfdir + "/ftphealth")
    unit = (source / "dist/ftphealthd.service.in").read_text()
    unit = unit.replace("@sbindir@", "/usr/sbin").replace("@sysconfdir@", "/etc")
    pathlib.Path("/usr/lib/systemd/system/ftphealthd.service").write_text(unit)
    for name, verb in (("systemctl", ""), ("journalctl", "journal ")):
        path = pathlib.Path("/usr/bin", name)
        path.unlink(missing_ok=True)
        path.write_text("#!/bin/sh\nexec /usr/bin/python3 -B %s/systemctl.py %s\"$@\"\n" % (HERE, verb))
        path.chmod(0o755)


# ------------------------------------------------------------------ what is beside


class Smb(test_smb.Smbd):
    """On the port that a reader's server has."""
    port = property(lambda self: 445, lambda self, value: None)


class Windows:
    """What a Windows host shows beside its FTP server: ADMIN$ by SMB, and IIS by SNMP."""

    ADSUTIL = """AnonymousPasswordSync           : (BOOLEAN) True
AllowAnonymous                  : (BOOLEAN) True
AnonymousUserName               : (STRING) "IUSR_IIS4"
"""

    def start(self):
        users = pathlib.Path("/run/users.map")
        users.write_text("nobody = reader\n")
        self.smb = Smb(smb_ports=445, interfaces="lo", username_map=users)
        self.smb.put("ftphealth.txt", self.ADSUTIL.encode())
        log = self.smb.root / "system32/LogFiles/MSFTPSVC1"
        log.mkdir(parents=True)
        conf = pathlib.Path("/run/windows.conf")
        conf.write_text("rocommunity plant\n" + test_snmp_ask.windows(
            [test_snmp_ask.FTPSVC, test_snmp_ask.ADMIN, test_snmp_ask.WEB]))
        subprocess.Popen(["snmpd", "-f", "-C", "-c", str(conf), "-Lf", "/dev/null", "-I",
                          "-smux,mteTrigger,mteTriggerConf", "udp:%s:161" % HOSTS["iis4.example.com"]],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, env=dict(os.environ, SNMP_PERSISTENT_DIR="/run/windows"))

    def lose_module(self):
        (self.smb.root / test_smb.DLL).unlink()

    def log_refusal(self):
        """Of a login as the daemon makes it."""
        now = time.gmtime()
        self.smb.put("system32/LogFiles/MSFTPSVC1/ex%s.log" % time.strftime("%y%m%d", now), (
            "#Software: Microsoft Internet Information Server 4.0\n#Version: 1.0\n#Date: %s\n"
            "#Fields: time c-ip cs-method cs-uri-stem sc-status sc-win32-status\n"
            "%s 192.0.2.9 [1]USER anonymous 331 0\n"
            "%s 192.0.2.9 [1]PASS ftphealth@monitor 530 126\n" % (
                time.strftime("%F %T", now), *[time.strftime("%T", now)] * 2)).encode())


class Servers:
    """The FTP servers of the place, and the host of one."""

    def __init__(self):
        self.servers = {}
        self.windows = Windows()

    def behave(self, host, script):
        if host not in self.servers:
            self.servers[host] = ftpserver.FtpServer("good", HOSTS[host], 21)
        server = self.servers[host]
        if script == "down":
            server.down()
        else:
            if not server.server:
                server.up()
            server.behave(SCRIPTS.get(script, script))


# ------------------------------------------------------------------ the run

def write_file(step, base):
    step.path.parent.mkdir(parents=True, exist_ok=True)
    text = step.text.replace(BASE, base)
    if step.path.name == "ftphealth.yaml":
        # A reader waits a minute for a probe, a test does not.
        text = re.sub(r"\binterval: \d+[smhd]\b", "interval: 1s", text)
        if "\ndefaults:" not in "\n" + text and not step.add:
            text += "defaults: { interval: 1s }\n"
    with open(step.path, "a" if step.add else "w", encoding="utf-8") as f:
        f.write(text)
    if step.mine:
        run("chown", "-R", USER, HOME)


def run_command(command, base, sysconfdir):
    user = pwd.getpwnam(USER if command.prompt == "$" else "root")
    keys = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [],
            "env": dict(os.environ, HOME=user.pw_dir, USER=user.pw_name)}
    text = command.text.replace(BASE, base)
    p = subprocess.run(["bash", "-c", text], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, check=False, timeout=120, cwd="/", **keys)
    printed = p.stdout.decode("utf-8", "replace").replace(base, BASE).replace(
        "iso" + base[1:], "iso" + BASE[1:])
    printed = printed.replace(sysconfdir + "/", "/etc/")
    if printed and not printed.endswith("\n"):
        printed += "\n"
    if not command.shown and p.returncode:
        printed += "(it ended with %d)\n" % p.returncode
    return printed


def do_command(command, *place):
    end = time.monotonic() + PATIENCE
    while True:
        printed = run_command(command, *place)
        if command.matches(printed) or not command.looks or time.monotonic() > end:
            break
        time.sleep(0.1)
    print("%s %s\n%s" % (command.prompt, command.text, printed), end="", flush=True)
    if not command.matches(printed):
        raise PageError("%d: %s\n--- the page shows\n%s\n--- it prints\n%s" % (
            command.line, command.text, "\n".join(command.shown), printed))


def hurry(path, pattern, value):
    """A reader waits for minutes, a test does not."""
    path = pathlib.Path(path)
    path.write_text(re.sub(pattern, r"\g<1>" + value, path.read_text()))


def install_packages(names):
    """Files by links, configuration and state by copies, and the user that they run as."""
    for name in ("nagios", "prometheus"):
        add_user(name, "--system", "--user-group", "--home-dir", "/var/lib/" + name)
    for name in names:
        folder = nms.unpacked(name, ".")
        for entry in folder.iterdir():
            how = "-a" if entry.name in ("etc", "var") else "-as"
            run("cp", how, "--remove-destination", "%s/." % entry, "/" + entry.name)
    if "plugins" in names:  # as the packages do when they are installed
        for path in pathlib.Path("/usr/share/monitoring-plugins").glob("templates-*/*.cfg"):
            shutil.copy(path, "/etc/nagios-plugins/config")
    if "prometheus" in names:
        hurry("/etc/prometheus/prometheus.yml", r"(scrape_interval: +|_timeout: +|evaluation_interval: +)\d+s", "1s")
    if "nagios4" in names:
        hurry("/etc/nagios4/nagios.cfg", r"((?:interval_length|status_update_interval|reaper_frequency)=)\d+", "1")
        hurry("/etc/nagios4/nagios.cfg", "(check_delay_method=)s", "n")
    for top in ("lib", "log", "cache"):
        for name in ("nagios", "nagios4", "icinga2", "prometheus"):
            path = pathlib.Path("/var", top, name)
            if path.exists():
                run("chown", "-R", "prometheus:" if name == "prometheus" else "nagios:", path)
    if "icinga2" in names:
        for feature in ("checker", "mainlog", "notification"):
            os.symlink("../features-available/%s.conf" % feature,
                       "/etc/icinga2/features-enabled/%s.conf" % feature)
        run("chown", "-R", "nagios:", "/etc/icinga2")
    pipe = pathlib.Path("/var/lib/nagios4/rw")
    if pipe.exists():
        run("chgrp", "www-data", pipe)
        pipe.chmod(0o2710)


def connect_snmpd(base):
    run("systemctl", "start", "snmpd")
    for step in read_page((HERE.parents[1] / "doc/snmpd.md").read_text("utf-8")):
        if isinstance(step, File) and step.path.parent.name == "snmpd.conf.d":
            write_file(step, base)
    run("chmod", "0755", "/var/agentx")
    run("systemctl", "restart", "snmpd")


def run_page(steps, base, sysconfdir):
    servers = Servers()
    for step in steps:
        if isinstance(step, World):
            if step.words[0] == "run":
                run(*(word.replace(BASE, base) for word in step.words[1:]))
            elif step.words[0] == "windows":
                getattr(servers.windows, step.words[1])()
            elif step.words[0] == "packages":
                install_packages(step.words[1:])
            elif step.words == ["snmpd", "connected"]:
                connect_snmpd(base)
            else:
                servers.behave(*step.words)
        elif isinstance(step, File):
            write_file(step, base)
        else:
            do_command(step, base, sysconfdir)
    end_soundly()


def end_soundly():
    """Whatever the page did, the daemon's memory was in order."""
    log = pathlib.Path("/run/services/ftphealthd.log")
    if log.exists():
        run("systemctl", "stop", "ftphealthd")
        text = log.read_text("utf-8", "replace")
        for sign in ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:"):
            if sign in text:
                raise PageError("the end: %s" % text)


def main():
    page, root = map(pathlib.Path, sys.argv[1:])
    source, build = pathlib.Path(os.environ["SRCDIR"]), pathlib.Path(os.environ["BUILDDIR"])
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    for name in ("MIBS", "SNMPCONFPATH", "COLUMNS", "NOTIFY_SOCKET"):
        os.environ.pop(name, None)
    base = rig.Contract().base.lstrip(".")
    sysconfdir, libexec = compiled_in(build)
    steps = read_page(page.read_text("utf-8"))
    change_root(root)
    make_network()
    fill(source, build, base, sysconfdir, libexec)
    try:
        run_page(steps, base, sysconfdir)
    except PageError as e:
        sys.exit("%s:%s" % (page.name, e))


if __name__ == "__main__":
    main()
