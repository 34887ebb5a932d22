# SPDX-License-Identifier: ISC
"""A proxy that speaks SOCKS5 (RFC 1928, 1929) and CONNECT on one port, and how it fails.

BEHAVE: None: it works; "hang": it takes connections and says nothing; "close": it ends them; a
number: that reply of SOCKS5; a text: the status of CONNECT. ACCOUNT: (user, password) that it wants.
"""
import base64
import select
import socket
import socketserver
import struct
import threading


class Handler(socketserver.BaseRequestHandler):
    def exact(self, n):
        data = b""
        while len(data) < n:
            more = self.request.recv(n - len(data))
            if not more:
                raise ConnectionError
            data += more
        return data

    def handle(self):
        proxy = self.server.proxy
        proxy.clients += 1
        try:
            if proxy.behave == "hang":
                proxy.over.wait()
            elif proxy.behave != "close":
                first = self.exact(1)
                server = self.socks() if first == b"\5" else self.connect(first)
                if server:
                    with server:
                        self.relay(server)
        except OSError:
            pass  # one of the two went

    def socks(self):
        proxy, request = self.server.proxy, self.request
        methods = self.exact(self.exact(1)[0])
        if proxy.account:
            request.sendall(b"\5\2" if 2 in methods else b"\5\xff")
            self.exact(1)
            user = self.exact(self.exact(1)[0]).decode()
            password = self.exact(self.exact(1)[0]).decode()
            good = (user, password) == proxy.account
            request.sendall(b"\1" + (b"\0" if good else b"\1"))
            if not good:
                return None
        else:
            request.sendall(b"\5\0")
        kind = self.exact(4)[3]
        if kind == 1:
            host = socket.inet_ntop(socket.AF_INET, self.exact(4))
        elif kind == 4:
            host = socket.inet_ntop(socket.AF_INET6, self.exact(16))
        else:
            host = self.exact(self.exact(1)[0]).decode()
        port = struct.unpack(">H", self.exact(2))[0]
        proxy.asked.append((host, port))
        code, server = proxy.behave or 0, None
        if code == 0:
            try:
                server = socket.create_connection((host, port), 30)
            except OSError:
                code = 5
        request.sendall(bytes((5, code, 0, 1)) + bytes(6))
        return server

    def connect(self, first):
        proxy, request = self.server.proxy, self.request
        head = first
        while not head.endswith(b"\r\n\r\n"):
            head += self.exact(1)
        lines = head.decode().split("\r\n")
        host, port = lines[0].split()[1].rsplit(":", 1)
        proxy.asked.append((host.strip("[]"), int(port)))
        if proxy.account:
            want = base64.b64encode(":".join(proxy.account).encode()).decode()
            if "Proxy-Authorization: Basic " + want not in lines:
                request.sendall(b"HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=x\r\n"
                                b"Content-Length: 0\r\n\r\n")
                return None
        status, server = proxy.behave or "200 OK", None
        if status.startswith("2"):
            try:
                server = socket.create_connection((host.strip("[]"), int(port)), 30)
            except OSError:
                status = "502 Bad Gateway"
        request.sendall(b"HTTP/1.1 %s\r\n\r\n" % status.encode())
        return server

    def relay(self, server):
        ends = {self.request: server, server: self.request}
        while True:
            for end in select.select(list(ends), [], [], 30)[0]:
                data = end.recv(65536)
                if not data:
                    return
                ends[end].sendall(data)


class Proxy:
    def __init__(self, behave=None, account=None):
        self.behave, self.account = behave, account
        self.asked, self.clients, self.over = [], 0, threading.Event()
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        socketserver.ThreadingTCPServer.daemon_threads = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.proxy = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, scheme):
        return "%s://127.0.0.1:%d" % (scheme, self.port)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
