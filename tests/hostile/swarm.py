# SPDX-License-Identifier: ISC
"""Hostile servers (hostile.py) in several processes, who hold each dialogue back until so many
clients are connected, and then let go of all at once."""
import asyncio
import multiprocessing
import os
import signal
import threading

import hostile

CONNECTIONS, WAITING = range(2)  # a worker's numbers
NUMBERS = 2
LOOK = 0.05  # seconds between two looks at the gate


class HeldServer(hostile.HostileServer):
    """NUMBERS is shared: those of all workers, and at its end how often the gate was opened."""

    def __init__(self, shared, worker, seed, address):
        self._shared, self._at = shared, worker * NUMBERS
        self._gate = None
        super().__init__("%d %d" % (seed, worker), address=address)
        asyncio.run_coroutine_threadsafe(self._watch(), self._loop)

    async def _watch(self):
        seen = self._shared[-1]
        self._gate = asyncio.Event()
        while True:
            await asyncio.sleep(LOOK)
            self._shared[self._at + CONNECTIONS] = self.connections
            if self._shared[-1] != seen:
                seen = self._shared[-1]
                opened, self._gate = self._gate, asyncio.Event()
                opened.set()

    async def _attack(self, rng, reader, writer):
        if await self._hold(reader):
            await super()._attack(rng, reader, writer)

    async def _hold(self, reader):
        """False when the client does not wait so long."""
        while not self._gate:
            await asyncio.sleep(LOOK)
        self._shared[self._at + WAITING] += 1
        opens = asyncio.ensure_future(self._gate.wait())
        gone = asyncio.ensure_future(reader.read(1))  # who has not been greeted says nothing
        try:
            await asyncio.wait((opens, gone), return_when=asyncio.FIRST_COMPLETED)
            return opens.done()
        finally:
            self._shared[self._at + WAITING] -= 1
            for waits in (opens, gone):
                waits.cancel()
            await asyncio.gather(opens, gone, return_exceptions=True)


def work(shared, worker, seed, address, ports):
    os.nice(10)  # the attack must not win by taking the processor away
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *unused: ended.set())
    server = HeldServer(shared, worker, seed, address)
    ports[worker] = server.port
    while not ended.wait(0.2) and os.getppid() != 1:
        pass
    os._exit(0)  # not for each of thousands of tasks to be cancelled


class Swarm:
    """`servers` are (address, port); each opening of the gate lets at least HELD dialogues begin."""

    def __init__(self, seed, workers, held):
        self.held = held
        context = multiprocessing.get_context("fork")
        self.shared = context.RawArray("l", workers * NUMBERS + 1)
        self._ports = context.RawArray("l", workers)
        self._processes = [context.Process(target=work, args=(
            self.shared, i, seed, "127.0.3.%d" % (i + 1), self._ports), daemon=True)
            for i in range(workers)]
        for process in self._processes:
            process.start()
        self._end = threading.Event()
        self._most = 0
        self.releases = []  # how many were let go
        self._opener = threading.Thread(target=self._open, daemon=True)
        self._opener.start()

    is_up = property(lambda self: all(self._ports))
    servers = property(lambda self: [("127.0.3.%d" % (i + 1), port)
                                     for i, port in enumerate(self._ports)])
    connections = property(lambda self: sum(self.shared[CONNECTIONS:-1:NUMBERS]))
    waiting = property(lambda self: sum(self.shared[WAITING:-1:NUMBERS]))
    most_waiting = property(lambda self: self._most)

    def _open(self):
        while not self._end.wait(LOOK):
            waiting = self.waiting
            self._most = max(self._most, waiting)
            if waiting >= self.held:
                self.shared[-1] += 1
                self.releases.append(waiting)
                self._end.wait(4 * LOOK)  # until each worker has seen it

    def close(self):
        self._end.set()
        self._opener.join()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()
