"""One address before all replicas of an API, as a Service of Kubernetes is: a connection goes to one that is ready.

Owns: asking each replica whether it is ready, taking turns, trying the next one where nobody listens. Refuses: reading
what passes through: a connection stays where it went, so a replica that ends has to tell its callers itself.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from itertools import count
from socket import socket
from typing import Final

from shared.runtime.calling_off import call_off

_PROBE_SECONDS: Final = 0.5
_ANSWER_SECONDS_MAX: Final = 3
_SILENCES_MAX: Final = 3
_CHUNK_BYTES: Final = 65_536
_QUESTION: Final = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


async def says_ready(port: int, probe: str = "/readyz") -> bool | None:
    """Return whether a program answers 200 at a path; None where it says nothing in time."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS_MAX):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(_QUESTION.format(path=probe).encode())
                return (await reader.readline()).split()[1:2] == [b"200"]
            finally:
                writer.transport.abort()
    except TimeoutError:
        return None
    except OSError:
        return False


class Balancer:
    """Connections to the replicas of one API. **Shape**: `ready` are ports of this machine."""

    def __init__(self, ports: Collection[int], probe: str) -> None:
        self.ready: frozenset[int] = frozenset()
        self._ports = tuple(ports)
        self._probe = probe
        self._turns = count()
        self._carrying: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def before(
        cls, ports: Collection[int], listener: socket, *, probe: str = "/readyz"
    ) -> AsyncIterator["Balancer"]:
        """Serve on a bound socket while the block runs. **Shape**: `probe` is the path that answers 200 when ready."""
        balancer = cls(ports, probe)
        server = await asyncio.start_server(balancer._serve, sock=listener)
        looking = [asyncio.create_task(balancer._look_after(port)) for port in ports]
        try:
            yield balancer
        finally:
            server.close()
            for each in (*looking, *balancer._carrying):
                await call_off(each)

    async def _look_after(self, port: int) -> None:
        """Ask one replica for ever. One that says no gets nobody from then on; a busy one may be silent for once."""
        silent = 0
        while True:
            answer = await says_ready(port, self._probe)
            silent = silent + 1 if answer is None else 0
            if answer:
                self.ready |= {port}
            elif answer is False or silent >= _SILENCES_MAX:
                self.ready -= {port}
            await asyncio.sleep(_PROBE_SECONDS)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin to carry a connection."""
        task = asyncio.create_task(self._carry(reader, writer))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to its end, or until the balancer ends."""
        to_replica: asyncio.StreamWriter | None = None
        try:
            from_replica, to_replica = await self._connected()
            await asyncio.gather(_carried(reader, to_replica), _carried(from_replica, writer), return_exceptions=True)
        except OSError:
            pass  # nobody is ready: the caller sees its connection closed
        finally:
            for each in (writer, to_replica):
                if each is not None:
                    each.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection to the replica whose turn it is, or to the next that takes it. **Errors**: `OSError`."""
        ready, turn = sorted(self.ready), next(self._turns)
        for n in range(len(ready)):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", ready[(turn + n) % len(ready)])
        raise ConnectionRefusedError("no replica is ready")


async def _carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes one way to their end, and tell the other side that it ended."""
    try:
        while (chunk := await reader.read(_CHUNK_BYTES)) and not writer.is_closing():
            writer.write(chunk)
            await writer.drain()
    finally:
        if writer.can_write_eof() and not writer.transport.is_closing():
            with suppress(OSError):
                writer.write_eof()
