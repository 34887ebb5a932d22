#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A scripted FTP server: what it says, and how it misbehaves, is data.

As a module:    with FtpServer("q269241") as server: ... server.port, server.sessions
As a program:   ftpserver.py --script good --then q269241 --after 5 --port 2121

A script maps an event ("connect", a verb such as "USER", or "*" for any other verb) to steps. A
step is a reply (text; {user} and {password} stand for what the client sent; bytes are sent as they
are, without a line end) or one of the actions below.
"""
import argparse
import asyncio
import itertools
import os
import signal
import socket
import struct
import sys
import threading
import time

CLOSE = ("close",)  # end of file
RESET = ("reset",)  # TCP RST
HANG = ("hang",)  # says nothing more, keeps the connection


def sleep(seconds):
    return ("sleep", seconds)


def until(condition):
    """Goes on when CONDITION is true."""
    return ("until", condition)


def drip(data, pause=0.002):
    """One octet at a time."""
    return ("drip", data, pause)


def endless(data):
    """The same bytes until the client goes."""
    return ("endless", data)


LISTEN = ("listen",)  # for data: {port}, {high} and {low} in what follows are its port
REFUSE = ("refuse",)  # likewise, but nobody listens there
DATA_CLOSE = ("data-close",)
DATA_RESET = ("data-reset",)


def data(octets):
    """To the data connection, once there is one."""
    return ("data", octets)


def endless_data(octets):
    """The same bytes there until the client goes from it."""
    return ("endless-data", octets)


EPSV = (LISTEN, "229 Entering Extended Passive Mode (|||{port}|)")
PASV = (LISTEN, "227 Entering Passive Mode (127,0,0,1,{high},{low}).")


def session(*transfer, **verbs):
    """One that lists and fetches, with the steps TRANSFER."""
    steps = {"PWD": '257 "/" is the current directory', "TYPE": "200 Type set.", "EPSV": EPSV,
             "PASV": PASV}
    steps.update({"LIST": transfer, "RETR": transfer} if transfer else {})
    return script(**dict(steps, **verbs))


def script(connect=("220 FTP server ready.",), **verbs):
    """A server that lets everybody in, but for what is said otherwise."""
    steps = {
        "connect": connect,
        "USER": ("331 Please specify the password.",),
        "PASS": ("230 Login successful.",),
        "QUIT": ("221 Goodbye.", CLOSE),
        "*": ("502 Command not implemented.",),
    }
    steps.update(verbs)
    return {event: (s if isinstance(s, (tuple, list)) and s and s[0] not in ACTIONS else (s,))
            for event, s in steps.items()}


ACTIONS = ("close", "reset", "hang", "sleep", "until", "drip", "endless", "listen", "refuse", "data",
           "endless-data", "data-close", "data-reset")

IIS4 = "220 someserver Microsoft FTP Service (Version 4.0)."
IIS4_USER = "331 Anonymous access allowed, send identity (e-mail name) as password."
IIS4_QUIT = ("221 ", CLOSE)
MEGABYTE = b"x" * (1 << 20)

SCRIPTS = {
    # Servers as they are.
    "good": script(),
    "listing": session("150 Here it comes.", data(b"-rw-r--r-- 1 ftp ftp 9 Jan 1 00:00 README\r\n"),
                       DATA_CLOSE, "226 That was it."),
    "iis4": script(IIS4, USER=IIS4_USER, PASS="230 Anonymous user logged in.", QUIT=IIS4_QUIT),
    "q269241": script(IIS4, USER=IIS4_USER, PASS="530 User {password} cannot log in.",
                      QUIT=IIS4_QUIT),
    "iis7-530": script("220 Microsoft FTP Service", USER=IIS4_USER, PASS="530 User cannot log in."),
    "vsftpd-530": script("220 (vsFTPd 3.0.3)", PASS="530 Login incorrect."),
    "slow": script((sleep(0.02), "220 FTP server ready."),
                   USER=(sleep(0.02), "331 Please specify the password."),
                   PASS=(sleep(0.02), "230 Login successful.")),
    "multiline": script(b"220-Welcome\r\n220 not the end of line 2?\r\n",
                        USER=b"331-Anonymous\r\n 331 indented is text\r\n331 send e-mail\r\n",
                        PASS=b"230-Hello\r\n530 other code inside\r\n230-more\r\n230 Done.\r\n"),
    "multiline-refusal": script(USER="331 send e-mail",
                                PASS=b"530-Sorry\r\n230 looks good but is text\r\n530 No.\r\n"),
    "bare-lf": script(b"220 ready\n", USER=b"331 go on\n", PASS=b"230 in\n"),
    "no-text": script(b"220\r\n", USER=b"331\r\n", PASS=b"230\r\n"),
    "drip": script(drip(b"220 FTP server ready.\r\n"), USER=drip(b"331 Password, please.\r\n"),
                   PASS=drip(b"230 Login successful.\r\n")),
    # One octet a second.
    "second-banner": script(drip(b"220 FTP server ready.\r\n", 1)),
    "second-auth": script(AUTH=drip(b"234 Go on with TLS, please.\r\n", 1)),
    "second-user": script(USER=drip(b"331 Password, please.\r\n", 1)),
    "second-pass": script(PASS=drip(b"230 Login successful.\r\n", 1)),
    "second-quit": script(QUIT=drip(b"221 Goodbye, and thanks.\r\n", 1)),
    "one-segment": script(b"220 ready\r\n", USER=b"331 password?\r\n", PASS=b"230 in\r\n"),
    "wait-120": script(("120 Service ready in 1 minute.", sleep(0.1), "220 Now ready.")),
    "pure-ftpd-230": script(USER="230 Anonymous user logged in"),
    "user-232": script(USER="232 User logged in, authorized by security data exchange."),
    "pass-202": script(PASS="202 Command not implemented, superfluous at this site."),
    "no-quit": script(QUIT=HANG),
    "quit-close": script(QUIT=CLOSE),
    "quit-reset": script(QUIT=RESET),
    # Refusals.
    "banner-421": script(("421 Too many connections.", CLOSE)),
    "banner-500": script(("500 Sorry, no such service.", CLOSE)),
    "banner-530": script(("530 Not welcome here.", CLOSE)),
    "banner-450": script(("450 Come back later.", CLOSE)),
    "banner-230": script("230 Already logged in."),
    "banner-331": script("331 Password?"),
    "user-421": script(USER=("421 Service not available, closing control connection.", CLOSE)),
    "user-430": script(USER="430 Invalid username or password."),
    "user-530": script(USER="530 This FTP server does not allow anonymous access."),
    "user-550": script(USER="550 Denied."),
    "user-332": script(USER="332 Need account for login."),
    "user-120": script(USER="120 Wait."),
    "pass-332": script(PASS="332 Need account for login."),
    "pass-331": script(PASS="331 Once more."),
    "pass-421": script(PASS=("421 Timeout.", CLOSE)),
    "pass-430": script(PASS="430 Invalid username or password."),
    "pass-450": script(PASS="450 Too many logins just now."),
    "pass-530": script(PASS="530 Login incorrect."),
    "pass-530-close": script(PASS=("530 Login incorrect.", CLOSE)),
    "pass-530-cut": script(PASS=(b"530 Login incorr", CLOSE)),
    "pass-530-slow": script(PASS=(sleep(3.0), "530 Permission denied.")),
    # Silence.
    "silent-connect": script(HANG),
    "silent-user": script(USER=HANG),
    "silent-pass": script(PASS=HANG),
    "silent-120": script(("120 Service ready in 1 minute.", HANG)),
    "half-banner": script((b"220 FTP ser", HANG)),
    "half-user": script(USER=(b"33", HANG)),
    "half-pass": script(PASS=(b"230-Welcome\r\n", HANG)),
    # The connection ends.
    "close-connect": script(CLOSE),
    "close-user": script(USER=CLOSE),
    "close-pass": script(PASS=CLOSE),
    "close-half-banner": script((b"220 FTP ser", CLOSE)),
    "reset-connect": script((sleep(0.3), RESET)),  # else it may hit the connecting
    "reset-user": script(USER=RESET),
    "reset-pass": script(PASS=RESET),
    # Not FTP.
    "ssh": script((b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", HANG)),
    "http": script((b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", CLOSE)),
    "smtp-220": script("220 mail.example.org ESMTP", USER="502 5.5.2 command not recognized"),
    "garbage": script((bytes(range(128, 256)) + b"\r\n", HANG)),
    "nuls": script((b"\0" * 64 + b"\r\n", HANG)),
    "code-999": script((b"999 no such code\r\n", HANG)),
    "code-22": script((b"22 short\r\n", HANG)),
    "garbage-user": script(USER=(b"what?\r\n", HANG)),
    "garbage-pass": script(PASS=(b"\xff\xfe\r\n", HANG)),
    "megabyte-not-ftp": script((MEGABYTE, HANG)),
    "endless-banner": script(endless(b"220-and so on\r\n")),
    "endless-user": script(USER=endless(b"331-and so on\r\n")),
    "endless-quit": script(QUIT=endless(b"221-and so on\r\n")),
    "endless-pass": script(PASS=endless(b"230-and so on\r\n")),
    "endless-line": script((b"220 ", endless(b"x" * 4096))),
    # Foreign text.
    "megabyte-banner": script((b"220 " + MEGABYTE + b"\r\n",)),
    "nul-in-text": script(b"220 a\0b\r\n", PASS=b"530 no\0pe\r\n"),
    "escapes": script(b"220 \x1b]0;owned\x07\x1b[31mred\r\n",
                      PASS=b"530 \x1b[2J\x9b1m\x7f gone\r\n"),
    "formats": script(b"220 %s%n%p %1000000s\r\n", USER=b"331 %n%n%n %*d\r\n",
                      PASS=b"530 %s%n%p%d %1000000s %%n\r\n"),
    "bad-utf8": script(b"220 \xff\xfe\r\n", USER=b"331 \xe2\x82\r\n",
                       PASS=b"530 \xc3\x28 \xed\xa0\x80 \xf4\x90\x80\x80 \xc0\xaf \xf0\x9f\r\n"),
    "overflow": script(b"220-" + b"b" * 5000 + b"\r\n" + b"220-more\r\n" * 500 + b"220 " + b"e" * 600 + b"\r\n",
                       USER=b"331 " + b"\x1b" * 5000 + b"\r\n",
                       PASS=b"530-" + b"%" * 50000 + b"\r\n530 " + "\u00e9".encode() * 3000 +
                       b"\r\n"),
    "utf8": script("220 B\u00e9nvenue", PASS="530 Acc\u00e8s refus\u00e9 \u2014 non"),
    "latin1": script(b"220 Gr\xfc\xdfe\r\n", PASS=b"530 Zugriff verweigert f\xfcr Benutzer\r\n"),
    "perfdata": script(PASS="530 it's | time=0s;;; <b>&amp;</b> \"quoted\" 100%s\\n"),
}


class Session:
    """What one client said, with the times (time.monotonic())."""

    def __init__(self):
        self.start = time.monotonic()
        self.end = None
        self.lines = []  # (time, bytes)
        self.data_port, self.listener, self.data, self.sent = 0, None, None, 0

    def hear(self, line):
        self.lines.append((time.monotonic(), line.rstrip(b"\r\n")))

    def argument(self, verb):
        for _, line in self.lines:
            if line.split(b" ", 1)[0].upper() == verb:
                return line[len(verb) + 1:].decode("utf-8", "replace")
        return None

    user = property(lambda self: self.argument(b"USER"))
    password = property(lambda self: self.argument(b"PASS"))
    quit = property(lambda self: self.argument(b"QUIT") is not None)


class Loop:
    """One event loop in one thread, shared by all servers of the process."""

    lock = threading.Lock()
    loop = None

    @classmethod
    def run(cls, coroutine):
        with cls.lock:
            if cls.loop is None:
                cls.loop = asyncio.new_event_loop()
                threading.Thread(target=cls.loop.run_forever, daemon=True).start()
        return asyncio.run_coroutine_threadsafe(coroutine, cls.loop).result(30)


class FtpServer:
    """A server of its own port. `behave` changes the script of the connections to come; after
    AFTER connections, or when the file WHEN exists, the script THEN takes over."""

    def __init__(self, name="good", address="127.0.0.1", port=0, then=None, after=None, when=None):
        self.behave(name)
        self.address = address
        self.then, self.after, self.when = then, after, when
        self.sessions = []
        self.open = self.max_open = 0
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        # Holds the port while the server is down; a socket that does not listen refuses.
        self.holder = self._bind(family, port)
        self.port = self.holder.getsockname()[1]
        self.server, self.tasks = None, set()
        self.up()

    def _bind(self, family, port):
        s = socket.socket(family, socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(socket.getaddrinfo(self.address, port, family, socket.SOCK_STREAM)[0][4])
        return s

    def behave(self, name):
        """Also takes a script of one's own."""
        self.name = name if isinstance(name, str) else "own"
        self.script = SCRIPTS[name] if isinstance(name, str) else name

    def up(self):
        s = self._bind(self.holder.family, self.port)
        s.listen(4096)
        s.setblocking(False)
        self.server = Loop.run(asyncio.start_server(self._serve, sock=s, limit=1 << 16,
                                                    backlog=4096))

    def down(self):
        """Connections are refused from now on; those that are open stay."""
        async def stop():
            for s in self.server.sockets:
                asyncio.get_running_loop().remove_reader(s.fileno())
            for _ in range(4):  # asyncio forgets to serve what it has accepted in the turn before
                await asyncio.sleep(0)
            self.server.close()
        if self.server:
            Loop.run(stop())
            self.server = None

    def close(self):
        async def stop():
            for task in list(self.tasks):
                task.cancel()
        self.down()
        Loop.run(stop())
        self.holder.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    where = property(lambda self: ("[%s]:%d" if ":" in self.address else "%s:%d")
                     % (self.address, self.port))
    logins = property(lambda self: sum(1 for s in self.sessions if s.user is not None))
    done = property(lambda self: [s for s in self.sessions if s.end is not None])

    async def _serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        if self.then and ((self.after is not None and len(self.sessions) >= self.after)
                          or (self.when and os.path.exists(self.when))):
            self.behave(self.then)
        session = Session()
        self.sessions.append(session)
        self.open += 1
        self.max_open = max(self.max_open, self.open)
        try:
            await self._talk(self.script, session, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError,
                asyncio.CancelledError):
            pass  # the client went, or spoke nonsense, or the server was closed
        finally:
            session.end = time.monotonic()
            self.open -= 1
            self.tasks.discard(asyncio.current_task())
            writer.transport.abort()
            if session.listener:
                session.listener.close()
            if session.data and session.data.done():
                session.data.result()[1].transport.abort()

    async def _listen(self, session):
        session.data = asyncio.get_running_loop().create_future()

        async def connected(*streams):
            if not session.data.done():
                session.data.set_result(streams)
        session.listener = await asyncio.start_server(connected, self.address, 0)
        session.data_port = session.listener.sockets[0].getsockname()[1]

    async def _send_data(self, step, session):
        """A step on the data connection."""
        _, writer = await session.data
        if step[0] == "data-close":
            writer.close()
        elif step[0] == "data-reset":
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        else:
            try:
                while True:
                    writer.write(step[1])
                    await writer.drain()
                    session.sent += len(step[1])
                    if step[0] == "data":
                        break
                    await asyncio.sleep(0)
            except OSError:
                pass  # the client has had enough

    async def _talk(self, script_, session, reader, writer):
        verb, talking = "connect", True
        while True:
            for step in script_.get(verb, script_["*"]) if talking else ():
                talking = await self._step(step, session, reader, writer)
                if talking is None:
                    return
                if not talking:
                    break
            line = await reader.readuntil(b"\n")
            session.hear(line)
            verb = line.split(b" ", 1)[0].strip().decode("ascii", "replace").upper()

    async def _step(self, step, session, reader, writer):
        """True: go on; False: no word any more; None: over."""
        if isinstance(step, str):
            step = step.replace("{port}", str(session.data_port))
            step = step.replace("{high}", str(session.data_port >> 8))
            step = step.replace("{low}", str(session.data_port & 255))
            step = step.replace("{user}", session.user or "")
            step = step.replace("{password}", session.password or "").encode() + b"\r\n"
        if isinstance(step, bytes):
            writer.write(step)
            await writer.drain()
            return True
        action = step[0]
        if action == "sleep":
            await asyncio.sleep(step[1])
        elif action == "until":
            while not step[1]():
                await asyncio.sleep(0.01)
        elif action == "drip":
            for octet in step[1]:
                writer.write(bytes((octet,)))
                await asyncio.sleep(step[2])
        elif action == "endless":
            while True:
                writer.write(step[1] * 16)
                await writer.drain()
                await asyncio.sleep(0)
        elif action == "listen":
            await self._listen(session)
        elif action == "refuse":
            session.data_port = self.holder.getsockname()[1] ^ 1
        elif action in ("data", "endless-data", "data-close", "data-reset"):
            await self._send_data(step, session)
        elif action == "hang":
            return False
        elif action == "close":
            writer.write_eof()
            for line in (await reader.read()).splitlines():  # unread, it would make a reset
                session.hear(line)
            return None
        elif action == "reset":
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return None
        return True


def main():
    p = argparse.ArgumentParser(description="A scripted FTP server.")
    p.add_argument("--list", action="store_true", help="name the scripts")
    p.add_argument("--script", default="good", choices=SCRIPTS, metavar="NAME")
    p.add_argument("--then", choices=SCRIPTS, metavar="NAME", help="the script to change to")
    p.add_argument("--after", type=int, metavar="N", help="change after N connections")
    p.add_argument("--when", metavar="FILE", help="change when FILE exists")
    p.add_argument("--address", default="127.0.0.1")
    p.add_argument("--port", type=int, default=0, help="0 (default): a free one")
    p.add_argument("--print-port", action="store_true", help="write the port to standard output")
    p.add_argument("--verbose", action="store_true", help="write what clients say")
    a = p.parse_args()
    if a.list:
        print("\n".join(SCRIPTS))
        return
    try:
        server = FtpServer(a.script, a.address, a.port, a.then, a.after, a.when)
    except OSError as e:
        sys.exit("ftpserver: cannot listen on %s port %d: %s" % (a.address, a.port, e.strerror))
    scripts = itertools.cycle([a.then or a.script, a.script])
    # SIGUSR1 changes from one script to the other, and back.
    signal.signal(signal.SIGUSR1, lambda *unused: server.behave(next(scripts)))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *unused: os._exit(0))
    if a.print_port:
        print(server.port, flush=True)
    said = 0
    while True:
        time.sleep(0.2)
        while a.verbose and said < len(server.sessions) and server.sessions[said].end:
            print(*(line.decode("utf-8", "replace") for _, line in server.sessions[said].lines),
                  sep=" / ", file=sys.stderr, flush=True)
            said += 1


if __name__ == "__main__":
    main()
