# SPDX-License-Identifier: ISC
"""Certificates of all kinds, and an FTP server that speaks TLS, or only seems to."""
import datetime
import ipaddress
import socket
import ssl
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

import rig

DAY = datetime.timedelta(days=1)


def name_of(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def make_ec():
    return ec.generate_private_key(ec.SECP256R1())


def make_rsa():
    return rsa.generate_private_key(65537, 2048)


def now():
    return datetime.datetime.utcnow().replace(microsecond=0)


class Authority:
    """A certification authority; files are written into FOLDER. Keys are made by MAKE_KEY."""

    def __init__(self, folder, name="Test CA", make_key=make_ec):
        self.folder, self.name, self.serial = folder, name_of(name), 1
        self.make_key, self.key = make_key, make_key()
        self.cert = self._sign(self.name, self.key.public_key(), 3650 * DAY, ca=True)
        self.ca = self._write("ca", self.cert)

    def _write(self, name, *parts):
        path = self.folder / (name + ".pem")
        path.write_bytes(b"".join(
            part.public_bytes(serialization.Encoding.PEM) if hasattr(part, "public_bytes")
            else part.private_bytes(serialization.Encoding.PEM,
                                    serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption()) for part in parts))
        path.chmod(0o600)
        return path

    def _sign(self, subject, public, valid, ca=False, names=(), issuer=None, key=None, start=None):
        start = start or now() - 30 * DAY
        self.serial += 1
        builder = (x509.CertificateBuilder().subject_name(subject)
                   .issuer_name(issuer or self.name).public_key(public)
                   .serial_number(self.serial).not_valid_before(start)
                   .not_valid_after(now() + valid)
                   .add_extension(x509.BasicConstraints(ca, None), True))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        return builder.sign(key or self.key, hashes.SHA256())

    def issue(self, file, name="localhost", days=365, address="127.0.0.1", subject=None, own=False):
        """The path of a file with key and certificate. OWN: signed by itself."""
        key = self.make_key()
        names = [x509.DNSName(name)]
        if address:
            names.append(x509.IPAddress(ipaddress.ip_address(address)))
        subject = subject or name_of(name)
        cert = self._sign(subject, key.public_key(), days * DAY, names=names,
                          issuer=subject if own else None, key=key if own else None)
        path = self._write(file, key, cert)
        self.cert_of = getattr(self, "cert_of", {})
        self.cert_of[path] = cert
        return path

    def crl(self, file, *revoked, days=30):
        """A revocation list with the certificates of the files REVOKED."""
        builder = (x509.CertificateRevocationListBuilder().issuer_name(self.name)
                   .last_update(now() - 60 * DAY).next_update(now() + days * DAY))
        for path in revoked:
            entry = (x509.RevokedCertificateBuilder()
                     .serial_number(self.cert_of[path].serial_number)
                     .revocation_date(now() - DAY).build())
            builder = builder.add_revoked_certificate(entry)
        return self._write(file, builder.sign(self.key, hashes.SHA256()))


class FtpsServer:
    """Lets everybody in. CERT is a file with key and certificate. MISDEED is what it does in place
    of a handshake: "hang" (says nothing), "drip" (an octet at a time of a record that never ends),
    "second" (likewise, one a second),
    "flood" (octets without end), "close". CLIENT_CA: it wants a certificate of this authority.
    CONTEXT is called with its ssl.SSLContext. ANSWERS, verb to octets, or to what is called
    with the connection, take the place of its own.
    LISTENER: a socket that has been listening before.
    DATA: how it lists: "tls" (as it should), "clear", "close" or "hang" (before the handshake)."""

    def __init__(self, cert=None, implicit=False, misdeed=None, client_ca=None, context=None,
                 answers=None, data="tls", listener=None):
        self.answers, self.data = answers or {}, data
        self.cert, self.implicit, self.misdeed = cert, implicit, misdeed
        self.commands, self.names, self.connections = [], [], 0
        self.open = []
        self.context = None
        if cert:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.minimum_version = ssl.TLSVersion.TLSv1_2
            self.context.load_cert_chain(cert)
            self.context.sni_callback = lambda sock, name, ctx: self.names.append(name)
            if client_ca:
                self.context.verify_mode = ssl.CERT_REQUIRED
                self.context.load_verify_locations(client_ca)
            if context:
                context(self.context)
        self.listener = listener or socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.address = "127.0.0.1"
        threading.Thread(target=self._accept, daemon=True).start()

    where = property(lambda self: "127.0.0.1:%d" % self.port)

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.settimeout(rig.PATIENCE)
            if self.implicit:
                connection = self._secure(connection)
            if connection:
                self._talk(connection)
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            if connection:
                connection.close()

    def _secure(self, connection):
        if not self.misdeed:
            return self.context.wrap_socket(connection, server_side=True)
        connection.recv(4096)
        if self.misdeed in ("drip", "second"):
            for octet in b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xf0" + b"\x03" * 600:
                connection.sendall(bytes([octet]))
                time.sleep(0.1 if self.misdeed == "drip" else 1)
        while self.misdeed == "flood":
            connection.sendall(b"\x16\x03\x03\x40\x00" + b"\x02" * 16384)
        if self.misdeed == "close":
            connection.close()
            return None
        while connection.recv(4096):  # until the client goes
            pass
        return None

    def _list(self, connection, listener):
        """To whoever connects to LISTENER."""
        connection.sendall(b"150 here it comes\r\n")
        end, _ = listener.accept()
        end.settimeout(rig.PATIENCE)
        if self.data == "tls":
            end = self.context.wrap_socket(end, server_side=True)
        while self.data == "hang" and end.recv(4096):
            pass
        if self.data != "close":
            end.sendall(b"here")
        end.close()
        listener.close()
        return b"226 that was it\r\n"

    def _talk(self, connection):
        listener = None
        connection.sendall(b"220 ready\r\n")
        rest = b""
        while True:
            while b"\n" not in rest:
                data = connection.recv(4096)
                if not data:
                    return
                rest += data
            line, rest = rest.split(b"\n", 1)
            command = line.decode("latin-1").strip()
            self.commands.append(command)
            verb = command.split(" ")[0].upper()
            answers = {"AUTH": b"234 go on\r\n", "PBSZ": b"200 PBSZ=0\r\n", "PROT": b"200 ok\r\n",
                       "USER": b"331 password?\r\n", "PASS": b"230 in\r\n",
                       "QUIT": b"221 bye\r\n", "TYPE": b"200 ok\r\n", **self.answers}
            if verb == "EPSV":
                listener = socket.create_server(("127.0.0.1", 0))
                answers["EPSV"] = b"229 go (|||%d|)\r\n" % listener.getsockname()[1]
            if verb == "LIST":
                answers["LIST"] = self._list(connection, listener)
            answer = answers.get(verb, b"502 no\r\n")
            if callable(answer):
                answer(connection)
            else:
                connection.sendall(answer)
            if verb == "QUIT":
                return
            if verb == "AUTH":
                connection = self._secure(connection)
                if not connection:
                    return

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.open:
            try:
                connection.close()
            except OSError:
                pass
