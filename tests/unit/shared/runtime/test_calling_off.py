"""A task that is called off, and whoever calls it off."""

import asyncio
from contextlib import suppress

import pytest

from shared.runtime.calling_off import call_off


async def test_task_that_is_called_off_has_ended() -> None:
    task = asyncio.create_task(asyncio.sleep(3_600))
    await asyncio.sleep(0)

    await call_off(task)

    assert task.cancelled()


async def test_task_that_had_failed_keeps_what_it_failed_with() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    task = asyncio.create_task(fail())

    await asyncio.sleep(0)
    await call_off(task)

    with pytest.raises(ZeroDivisionError):
        task.result()


async def test_who_is_cancelled_while_calling_off_hears_of_it() -> None:
    may_end = asyncio.Event()

    async def slow_to_end() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(3_600)
        await may_end.wait()

    task = asyncio.create_task(slow_to_end())
    await asyncio.sleep(0)
    caller = asyncio.create_task(call_off(task))
    await asyncio.sleep(0)
    caller.cancel()
    may_end.set()

    with pytest.raises(asyncio.CancelledError):
        await caller
    await task
