# SPDX-License-Identifier: ISC
"""Real FTP servers, unpacked by scripts/fetch-ftp-servers, each on a free port of its own.

They want to be root, and an account `ftp`: libnss-wrapper shows them one, /etc/passwd stays as it
is.
"""
import os
import pathlib
import socket
import subprocess

import rig

WRAPPER = "libnss_wrapper.so"
VSFTPD = """
listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable={anonymous}
local_enable={local}
anon_root={folder}/anon
secure_chroot_dir={folder}/empty
nopriv_user=nobody
pasv_enable=NO
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
max_clients={clients}
"""
PROFTPD = """
ServerName "test"
ServerType standalone
DefaultAddress 127.0.0.1
Port {port}
UseIPv6 off
UseReverseDNS off
User nobody
Group nogroup
PidFile {folder}/pid
ScoreboardFile {folder}/score
SystemLog {folder}/log
TransferLog none
WtmpLog off
DelayEngine off
AuthOrder mod_auth_unix.c
"""
PROFTPD_ANONYMOUS = """
<Anonymous {folder}/anon>
  User ftp
  Group nogroup
  UserAlias anonymous ftp
  RequireValidShell off
  {limit}
</Anonymous>
"""


def vsftpd(folder, port, variant):
    (folder / "conf").write_text(VSFTPD.format(
        folder=folder, port=port, anonymous="NO" if variant == "off" else "YES",
        local="YES" if variant == "off" else "NO",
        clients=1 if variant == "full" else 0))
    return ["usr/sbin/vsftpd", folder / "conf"]


def proftpd(folder, port, variant):
    text = PROFTPD if variant == "off" else PROFTPD + PROFTPD_ANONYMOUS
    limit = "MaxClients 1 \"Sorry, max %m users -- try again later\"" if variant == "full" else ""
    (folder / "conf").write_text(text.format(folder=folder, port=port, limit=limit))
    return ["usr/sbin/proftpd", "-n", "-c", folder / "conf"]


def pure_ftpd(folder, port, variant):
    flags = {"off": ["-E"], "full": ["-e", "-c", "1"]}.get(variant, ["-e"])
    return ["usr/sbin/pure-ftpd", "-S", "127.0.0.1,%d" % port, "-H", "-g", folder / "pid", *flags]


SERVERS = {"vsftpd": vsftpd, "proftpd": proftpd, "pure-ftpd": pure_ftpd}


def unpacked():
    return pathlib.Path(os.environ.get("FTPSERVERS") or rig.ROOT / "build/ftp-servers")


def why_not(name):
    """Why the server NAME can't be run here, or None."""
    if os.geteuid() != 0:
        return "real FTP servers want to be started by root"
    if not (unpacked() / name / "usr/sbin" / name).exists():
        return "%s is not there: scripts/fetch-ftp-servers %s" % (name, unpacked())
    return None


class RealServer:
    """The server NAME; VARIANT is "open" (anonymous logins work), "off" (they are not allowed) or
    "full" (one session at most)."""

    def __init__(self, name, variant="open"):
        self.name = name
        self.folder = rig.temporary_folder()
        self.folder.chmod(0o755)
        for sub in ("anon", "empty"):
            (self.folder / sub).mkdir(mode=0o755)
        with open("/etc/passwd", encoding="utf-8") as f:
            accounts = [line for line in f if not line.startswith("ftp:")]
        accounts.append("ftp:x:65534:65534:FTP:%s/anon:/bin/false\n" % self.folder)
        (self.folder / "passwd").write_text("".join(accounts))
        self.port = rig.free_port()
        command = SERVERS[name](self.folder, self.port, variant)
        command[0] = unpacked() / name / command[0]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
            env=dict(os.environ, LD_PRELOAD=WRAPPER, NSS_WRAPPER_PASSWD=str(self.folder / "passwd"),
                     NSS_WRAPPER_GROUP="/etc/group"))
        try:
            rig.wait_until(self._answers, name + " to answer")
        except BaseException:
            self.close()
            raise

    where = property(lambda self: "127.0.0.1:%d" % self.port)

    def _answers(self):
        assert self.process.poll() is None, "%s ended with %s" % (self.name, self.process.poll())
        try:
            with socket.create_connection(("127.0.0.1", self.port), 10) as s:
                s.sendall(b"QUIT\r\n")
                while s.recv(4096):
                    pass
            return True
        except OSError:
            return False

    def close(self):
        rig.end_group(self.process)
        rig.remove_folder(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
