# SPDX-License-Identifier: ISC
"""Real FTP servers, unpacked by scripts/fetch-ftp-servers, each on a free port of its own.

They want to be root, and an account `ftp`: libnss-wrapper shows them one, /etc/passwd stays as it
is. Those that need other files of /etc get an /etc of their own, in a mount namespace.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import threading

import rig

WRAPPER = "libnss_wrapper.so"
FTP_ID = 65534  # of the account ftp
VSFTPD = {
    "listen": "YES", "listen_address": "127.0.0.1", "background": "NO",
    "anonymous_enable": "YES", "local_enable": "NO", "nopriv_user": "nobody",
    "pasv_enable": "NO", "seccomp_sandbox": "NO", "isolate": "NO", "isolate_network": "NO",
}
PROFTPD = """
{modules}
ServerName "test"
ServerType standalone
DefaultAddress {address}
Port {port}
UseIPv6 {ipv6}
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
{lines}
"""
PROFTPD_ANONYMOUS = """
<Anonymous {folder}/anon>
  User ftp
  Group nogroup
  UserAlias anonymous ftp
  RequireValidShell off
  {lines}
</Anonymous>
"""
# Options come as JSON; `handler` and `limits` are attributes of handler and server.
PYFTPDLIB = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pyftpdlib import authorizers, handlers, servers
o = json.loads(sys.argv[1])
class Authorizer(getattr(authorizers, o["authorizer"])):
    def validate_authentication(self, *arguments):
        if o["message"]:
            raise authorizers.AuthenticationFailed(o["message"])
        return super().validate_authentication(*arguments)
handler = getattr(handlers, o["class"])
handler.authorizer = Authorizer()
if o["anonymous"]:
    handler.authorizer.add_anonymous(o["root"])
for key, value in o["handler"].items():
    setattr(handler, key, value)
server = servers.FTPServer((o["address"], o["port"]), handler)
for key, value in o["limits"].items():
    setattr(server, key, value)
server.serve_forever()
"""


def certificate(folder):
    """A certificate of our own and its key, in one file."""
    from OpenSSL import crypto  # pylint: disable=import-outside-toplevel
    key, cert = crypto.PKey(), crypto.X509()
    key.generate_key(crypto.TYPE_RSA, 2048)
    cert.get_subject().CN = "localhost"
    cert.set_issuer(cert.get_subject())
    cert.set_serial_number(1)
    cert.gmtime_adj_notBefore(0)
    cert.gmtime_adj_notAfter(86400)
    cert.set_pubkey(key)
    cert.sign(key, "sha256")
    path = folder / "cert.pem"
    path.write_bytes(crypto.dump_privatekey(crypto.FILETYPE_PEM, key) +
                     crypto.dump_certificate(crypto.FILETYPE_PEM, cert))
    path.chmod(0o600)
    return path


def certificate_of(server, tls):
    """The file with key and certificate: TLS is its path, or True for one of our own."""
    return certificate(server.folder) if tls is True else tls


# ------------------------------------------------------------------ how each of them is started


def vsftpd(server, tls=False, **settings):
    """SETTINGS are those of vsftpd.conf."""
    folder = server.folder
    values = dict(VSFTPD, listen_port=server.port, anon_root=folder / "anon",
                  secure_chroot_dir=folder / "empty")
    if ":" in server.address:
        del values["listen_address"]
        values.update(listen="NO", listen_ipv6="YES", listen_address6=server.address)
    if tls:
        values.update(ssl_enable="YES", rsa_cert_file=certificate_of(server, tls))
    values.update({key: str(value).format(folder=folder) for key, value in settings.items()})
    (folder / "conf").write_text("".join("%s=%s\n" % item for item in values.items()))
    return [server.program, folder / "conf"]


def proftpd(server, lines="", anonymous="", modules=(), tls=False):
    """LINES are for the server, ANONYMOUS for its <Anonymous> block; None: it has no such block."""
    folder = server.folder
    if tls:
        modules = (*modules, "tls")
        lines += "\nTLSEngine on\nTLSRSACertificateFile {0}\nTLSRSACertificateKeyFile {0}\n".format(
            certificate_of(server, tls))
    if anonymous is not None:
        lines += PROFTPD_ANONYMOUS.replace("{lines}", anonymous)
    load = ["ModulePath %s" % (server.unpacked / "usr/lib/proftpd")] if modules else []
    load += ["LoadModule mod_%s.c" % module for module in modules]
    text = PROFTPD.replace("{lines}", lines).replace("{modules}", "\n".join(load))
    text = text.replace("{folder}", str(folder)).replace("{port}", str(server.port))
    text = text.replace("{address}", server.address)
    text = text.replace("{ipv6}", "on" if ":" in server.address else "off")
    (folder / "conf").write_text(text)
    return [server.program, "-n", "-c", folder / "conf"]


def pure_ftpd(server, flags=("-e",), tls=False):
    tls_flags = ["-2", certificate_of(server, tls)] if tls else []
    return [server.program, "-S", "%s,%d" % (server.address, server.port), "-H", "-g", server.folder / "pid",
            *tls_flags, *flags]


def of_inetd(server, flags=()):
    return [server.program, *flags]


def pyftpdlib(server, tls=False, **options):
    values = {"address": server.address, "port": server.port, "root": str(server.folder / "anon"), "anonymous": True,
              "message": "", "authorizer": "DummyAuthorizer", "class": "FTPHandler",
              "handler": {}, "limits": {}}
    values.update(options)
    if tls:
        values["class"] = "TLS_FTPHandler"
        values["handler"] = dict(values["handler"], certfile=str(certificate_of(server, tls)))
    server.environment["PYTHONPATH"] = str(server.program.parents[1])
    return ["/usr/bin/python3", "-B", "-c", PYFTPDLIB, json.dumps(values)]


# Program, how it is started, and the variants that every test may ask for.
SERVERS = {
    "vsftpd": ("usr/sbin/vsftpd", vsftpd, {
        "off": {"anonymous_enable": "NO", "local_enable": "YES"},
        "full": {"max_clients": 1},
    }),
    "proftpd": ("usr/sbin/proftpd", proftpd, {
        "off": {"anonymous": None},
        "full": {"anonymous": 'MaxClients 1 "Sorry, max %m users -- try again later"'},
    }),
    "pure-ftpd": ("usr/sbin/pure-ftpd", pure_ftpd, {
        "off": {"flags": ["-E"]},
        "full": {"flags": ["-e", "-c", "1"]},
    }),
    "inetutils-ftpd": ("usr/sbin/ftpd", of_inetd, {}),
    "linux-ftpd-ssl": ("usr/sbin/in.ftpd", of_inetd, {}),
    "pyftpdlib": ("usr/lib/python3/dist-packages/pyftpdlib/servers.py", pyftpdlib, {}),
}


def unpacked():
    return pathlib.Path(os.environ.get("FTPSERVERS") or rig.ROOT / "build/ftp-servers")


def why_not(name):
    """Why the server NAME can't be run here, or None."""
    if os.geteuid() != 0:
        return "real FTP servers want to be started by root"
    if not (unpacked() / name / SERVERS[name][0]).exists():
        return "%s is not there: scripts/fetch-ftp-servers %s" % (name, unpacked())
    return None


class Inetd:
    """Starts COMMAND for each connection, with the connection as its standard input and output."""

    def __init__(self, port, command, environment):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.command, self.environment = command, environment
        self.children = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.children.append(subprocess.Popen(
                    self.command, env=self.environment, stdin=connection, stdout=connection,
                    stderr=connection, start_new_session=True))

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for child in self.children:
            rig.end_group(child)


class RealServer:
    """The server NAME at ADDRESS; VARIANT is "open" (anonymous logins work), "off" (they are not allowed) or
    "full" (one session at most). MODE goes to the function that starts it.

    ROOT is the anonymous root: "good", "missing", "owned" (by the account that logs in, who may
    write), "writable" or "closed"; ACCOUNT says whether the account ftp is there. FILES are written
    into the server's folder, ETC into its /etc: path to text. OWN_PAM is the PAM service that comes
    with its package."""

    def __init__(self, name, variant="open", root="good", account=True, files=None, etc=None,
                 own_pam=None, address="127.0.0.1", **mode):
        self.name, self.address = name, address
        self.unpacked = unpacked() / name
        path, start, variants = SERVERS[name]
        self.program = self.unpacked / path
        self.folder = rig.temporary_folder()
        self.folder.chmod(0o755)
        self.port = rig.free_port()
        self._make_root(root)
        self._make_accounts(account)
        for path, text in (files or {}).items():
            (self.folder / path).write_text(text)
        self.environment = dict(
            os.environ, LD_PRELOAD=WRAPPER, NSS_WRAPPER_PASSWD=str(self.folder / "passwd"),
            NSS_WRAPPER_GROUP="/etc/group")
        try:
            command = start(self, **dict(variants.get(variant, {}), **mode))
            etc = dict(etc or {})
            if own_pam:
                service = "pam.d/" + own_pam
                etc[service] = (self.unpacked / "etc" / service).read_text()
            command = [*self._own_etc(etc), *map(str, command)]
            self._start(command, start is of_inetd)
            rig.wait_until(self._answers, name + " to answer")
        except BaseException:
            self.close()
            raise

    where = property(lambda self: ("[%s]:%d" if ":" in self.address else "%s:%d")
                     % (self.address, self.port))
    process = inetd = None

    def _make_root(self, kind):
        anon = self.folder / "anon"
        (self.folder / "empty").mkdir(mode=0o755)
        if kind == "missing":
            return
        anon.mkdir()
        anon.chmod({"writable": 0o777, "closed": 0}.get(kind, 0o755))
        if kind == "owned":
            os.chown(anon, FTP_ID, FTP_ID)

    def _make_accounts(self, account):
        with open("/etc/passwd", encoding="utf-8") as f:
            accounts = [line for line in f if not line.startswith("ftp:")]
        if account:
            accounts.append("ftp:*:%d:%d:FTP:%s/anon:/bin/false\n" % (FTP_ID, FTP_ID, self.folder))
        (self.folder / "passwd").write_text("".join(accounts))

    def _own_etc(self, files):
        """What to put before the command, so that it sees FILES in /etc."""
        if not files:
            return []
        own = self.folder / "etc"
        shutil.copytree("/etc", own, symlinks=True, ignore_dangling_symlinks=True)
        for path, text in files.items():
            (own / path).parent.mkdir(exist_ok=True)
            (own / path).write_text(text)
        return ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc && exec "$@"', str(own)]

    def _start(self, command, by_inetd):
        if by_inetd:
            self.inetd = Inetd(self.port, command, self.environment)
            return
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True, env=self.environment)

    def _answers(self):
        if self.process:
            assert self.process.poll() is None, "%s ended with %s" % (
                self.name, self.process.poll())
        try:
            s = socket.create_connection((self.address, self.port), 10)
        except OSError:
            return False
        with s:
            try:
                s.sendall(b"QUIT\r\n")
                while s.recv(4096):
                    pass
            except OSError:
                pass  # it answers, if only by a reset
        return True

    def close(self):
        if self.process:
            rig.end_group(self.process)
        if self.inetd:
            self.inetd.close()
        rig.remove_folder(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
