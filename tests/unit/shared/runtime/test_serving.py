"""What stands behind a socket: requests one after another on a connection, and a limit to what is no body."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socket

import pytest
from starlette.types import Receive, Scope, Send

from shared.runtime.serving import HEAD_BYTES_MAX, WholeAnswers, served

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
PIECE = b"x" * 10_000


async def counting(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 (the shape of an application)
    """Answer with how many bytes the body had."""
    count, more = 0, True
    while more:
        message = await receive()
        count, more = count + len(message.get("body", b"")), message.get("more_body", False)
    body = str(count).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Yield a connection to a server."""
    path = str(folder / "http")
    with socket(AF_UNIX, SOCK_STREAM) as listener:
        listener.bind(path)
        async with served(counting, listener):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                yield reader, writer
            finally:
                writer.close()
                await writer.wait_closed()


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        return int(head.split()[1]), await reader.readexactly(length)


async def write_pieces(writer: asyncio.StreamWriter, *, bytes_at_least: int) -> None:
    """Send pieces, each read by itself; the server may end it before the last."""
    for _ in range(bytes_at_least // len(PIECE) + 1):
        writer.write(PIECE)
        await writer.drain()
        await asyncio.sleep(0)


async def test_a_connection_takes_one_request_after_another(tmp_path: Path) -> None:
    async with connected(tmp_path) as (reader, writer):
        answers = []
        for body in (b"12345", b"", b"1"):
            writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            answers.append(await read_answer(reader))

    assert answers == [(200, b"5"), (200, b"0"), (200, b"1")]


async def test_a_head_that_does_not_end_is_refused(tmp_path: Path) -> None:
    async with connected(tmp_path) as (reader, writer):
        writer.write(HEAD + b"X-Long: ")
        await write_pieces(writer, bytes_at_least=HEAD_BYTES_MAX)
        status, words = await read_answer(reader)

    assert (status, words) == (400, b"The head of the request is too long.")


async def test_a_body_may_be_longer_than_a_head(tmp_path: Path) -> None:
    async with connected(tmp_path) as (reader, writer):
        writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % (10 * len(PIECE)))
        await write_pieces(writer, bytes_at_least=9 * len(PIECE))
        answer = await read_answer(reader)

    assert answer == (200, b"100000")


@pytest.mark.parametrize("line", [b"no request at all", b"GET / HTTP/9.9"])
async def test_what_is_no_http_is_refused(line: bytes, tmp_path: Path) -> None:
    async with connected(tmp_path) as (reader, writer):
        writer.write(line + b"\r\n\r\n")
        status, _ = await read_answer(reader)

    assert status == 400


class Transport(asyncio.Transport):
    """Keeps what is asked of it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.sent: list[bytes] = []
        self.closed = False

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send."""
        self.sent.append(b"".join(list_of_data))

    def is_closing(self) -> bool:
        """Return whether it is closed."""
        return self.closed

    def close(self) -> None:
        """Close."""
        self.closed = True


async def test_what_is_written_in_one_turn_leaves_at_once() -> None:
    transport = Transport()
    answers = WholeAnswers(transport, asyncio.get_running_loop())
    answers.write(b"head ")
    answers.write(b"body ")
    before = list(transport.sent)
    await asyncio.sleep(0)
    answers.write(b"more")
    await asyncio.sleep(0)

    assert (before, transport.sent) == ([], [b"head body ", b"more"])


async def test_what_is_kept_leaves_before_the_end_and_nothing_after_it() -> None:
    transport = Transport()
    answers = WholeAnswers(transport, asyncio.get_running_loop())
    answers.write(b"last")
    answers.close()
    answers.write(b"too late")
    await asyncio.sleep(0)

    assert (transport.sent, transport.closed) == ([b"last"], True)


def test_a_transport_is_asked_for_all_else() -> None:
    with closing(asyncio.new_event_loop()) as loop:
        assert WholeAnswers(Transport(), loop).get_extra_info("peername") == ("127.0.0.1", 1)
