#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""An FTP server that attacks its clients: each connection is a random dialogue, the same for the
same seed and number.

As a module:    with HostileServer(seed=7) as server: ... server.port, server.connections
As a program:   hostile.py [--seed N] [--port N]    until it is interrupted
"""
import argparse
import asyncio
import random
import socket
import struct
import sys
import threading
import unicodedata

BIDI = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
ENDLESS = 16 << 20  # octets, of a client that does not go away

CODES = (b"220", b"230", b"331", b"332", b"530", b"421", b"234", b"120", b"500", b"202")
ODD_CODES = (b"", b"0", b"000", b"099", b"600", b"999", b"22", b"2200", b"-20", b"+230", b"2 0",
             b"\xff\xf4\xff", b"\xef\xbb\xbf220", b"%03d", b"0x2")
SEPARATORS = (b" ", b"-", b"", b"\t", b"\0", b"  ", b"--")
ENDS = (b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b"\0\r\n", b"", b"\r\n\r\n")
PIECES = (
    b"Microsoft FTP Service", b"User anonymous cannot log in.", b"(vsFTPd 3.0.3)", b"ProFTPD",
    b"%s%n%p%x%d", b"%1000000s", b"\x1b[2J\x1b]0;owned\x07", b"\x1b[31m", b"\x9b6n", b"\x7f\x08\x08",
    b"\xff\xfe\xfd", b"\xc3", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80\xae",
    b"\0\0\0", b"\xff\xf1\xff\xfd\x06", b"'; DROP TABLE target;--", b"<script>alert(1)</script>",
    b"$(reboot)`reboot`", b"../../../etc/passwd", b"{{7*7}}", b"\"quoted\", \\ back", b"| perf=1;2;3",
    b"230 inside", b"\r\n230 forged\r\n", b"anonymous", b"530", "änderung".encode("latin1"),
    "Anmeldung verweigert, zu viele Benutzer".encode(), "ログインできません".encode("shift_jis"),
)


def text(rng):
    if rng.random() < 0.1:
        return rng.choice(PIECES) * rng.choice((10, 100, 3000))
    if rng.random() < 0.1:
        return rng.randbytes(rng.choice((1, 100, 1400, 70000)))
    return b" ".join(rng.choices(PIECES, k=rng.randrange(5)))


def line(rng, code):
    if rng.random() < 0.2:
        code = rng.choice(ODD_CODES)
    separator = b" " if rng.random() < 0.8 else rng.choice(SEPARATORS)
    end = b"\r\n" if rng.random() < 0.8 else rng.choice(ENDS)
    return code + separator + text(rng) + end


def reply(rng, likely):
    """A reply that more or less fits, of one line or of many that may never end."""
    code = likely if rng.random() < 0.6 else rng.choice(CODES)
    if rng.random() < 0.8:
        return line(rng, code)
    lines = [code + b"-" + text(rng) + b"\r\n"]
    lines += [line(rng, rng.choice(CODES)) for _ in range(rng.choice((0, 1, 5, 400)))]
    return b"".join(lines) + (code + b" end\r\n" if rng.random() < 0.7 else b"")


def is_harmless(said):
    """No control character, and none that turns the direction of writing."""
    return all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") and
               unicodedata.bidirectional(c) not in BIDI for c in said)


class HostileServer:
    """On one port of ADDRESS; `connections` counts."""

    def __init__(self, seed=0, port=0, address="127.0.0.1"):
        self.seed, self.connections = seed, 0
        self._loop = asyncio.new_event_loop()
        self._tasks = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(
            self._serve, address, port, backlog=4096))
        self.address, self.port = self._server.sockets[0].getsockname()
        self.where = "%s:%d" % (address, self.port)

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _serve(self, reader, writer):
        self.connections += 1
        rng = random.Random("%s %d" % (self.seed, self.connections))
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            await self._attack(rng, reader, writer)
        except (OSError, ValueError):  # it has gone; a line of more than 64 KB
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _attack(self, rng, reader, writer):
        if rng.random() < 0.1:  # all at once, whatever the client says
            await self._send(rng, writer, b"".join(
                reply(rng, code) for code in (b"220", b"331", b"230", b"221")))
        for likely in (b"220", b"331", b"230", b"221", b"500"):
            if not await self._step(rng, writer, likely):
                return
            if not await reader.readline():
                return

    async def _step(self, rng, writer, likely):
        """What comes instead of one reply; False when nothing more does."""
        manner = rng.random()
        if manner < 0.05:
            return False
        if manner < 0.10:
            self._reset(writer)
            return False
        if manner < 0.12:
            writer.write_eof()
            await asyncio.sleep(3600)
        if manner < 0.20:
            await asyncio.sleep(3600)
        if manner < 0.24:
            await self._endless(rng, writer)
            return False
        await self._send(rng, writer, reply(rng, likely))
        return True

    async def _send(self, rng, writer, data):
        """In one piece, or in some, or an octet at a time."""
        manner = rng.random()
        if manner < 0.6:
            writer.write(data)
            await writer.drain()
            return
        size = 1 if manner < 0.7 else rng.randrange(1, len(data) + 2)
        for at in range(0, len(data), size):
            writer.write(data[at:at + size])
            await writer.drain()
            await asyncio.sleep(rng.choice((0, 0, 0.001, 0.05, 1)))

    async def _endless(self, rng, writer):
        piece = reply(rng, b"220") * 20 or b"220-"
        for _ in range(ENDLESS // len(piece) + 1):
            writer.write(piece)
            await writer.drain()

    @staticmethod
    def _reset(writer):
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def _end(self):
        self._server.close()
        await asyncio.sleep(0.1)  # those that are just being accepted
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def close(self):
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--port", type=int, default=2121)
    arguments = parser.parse_args()
    with HostileServer(arguments.seed, arguments.port) as server:
        print("%s, seed %d" % (server.where, server.seed), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.exit(0)


if __name__ == "__main__":
    main()
