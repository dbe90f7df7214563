"""Lines of a bulk request: how they are cut, answered, and what becomes of a sender who sends too much."""

from collections.abc import AsyncIterator
from random import Random

import pytest

from shared.runtime.lines import LINE_BYTES_MAX, Line, LineTooLong, lines_of

LONG = b"x" * (LINE_BYTES_MAX + 1)


async def cut(*chunks: bytes) -> list[Line]:
    async def arriving() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return [line async for lines in lines_of(arriving()) for line in lines]


@pytest.mark.parametrize("seed", range(20))
async def test_lines_are_the_same_however_they_arrive(seed: int) -> None:
    random = Random(seed)  # noqa: S311 (pieces of a test)
    body = b"\n".join(b"%d" % number * random.randrange(1, 9) for number in range(600)) + b"\n" * random.randrange(2)
    ends = sorted(random.sample(range(len(body)), 40))
    pieces = [body[start:end] for start, end in zip([0, *ends], [*ends, len(body)], strict=True)]

    assert await cut(*pieces) == body.split(b"\n")[:600]


async def test_empty_lines_are_no_lines() -> None:
    assert await cut(b"\n1\n \r\n\n2\r\n", b"\n") == [b"1", b"2\r"]


@pytest.mark.parametrize("pieces", [(LONG + b"\n2\n",), (LONG, LONG, b"\n2"), (b"1\n" + LONG, b"\n", b"2\n")])
async def test_a_line_that_is_too_long_is_one_refusal_and_the_next_is_taken(pieces: tuple[bytes, ...]) -> None:
    lines = await cut(*pieces)

    assert [isinstance(each, LineTooLong) for each in lines][-2:] == [True, False]
    assert (lines[-1], len(lines)) == (b"2", 3 if pieces[0].startswith(b"1") else 2)


async def test_a_line_as_long_as_one_may_be_is_taken() -> None:
    assert await cut(LONG[1:], b"\n") == [LONG[1:]]


async def test_many_lines_come_in_groups() -> None:
    async def arriving() -> AsyncIterator[bytes]:
        yield b"1\n" * 1_000

    assert [len(lines) async for lines in lines_of(arriving())] == [250] * 4
