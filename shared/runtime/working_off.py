"""Working operations off: the lines of a bulk request that nobody waits for, and read models that are rebuilt.

Owns: one operation after another, the oldest first, by whichever worker leads; one that meets what is away is passed
over until all others had their turn. A part of lines is kept together with how far the operation is, so that after a
crash one part is taken again, and finds what is there. A person's cancellation ends it at the next part.
Refuses: what a line means (`bulk.py`), what fills read models (`rebuild.py`).
"""

import asyncio
from contextlib import suppress
from dataclasses import asdict
from http import HTTPStatus
from typing import Final

from fastapi import Response
from msgspec import json, structs
from structlog import get_logger

from shared.kernel.errors import KnownError, Unavailable
from shared.runtime.call import OneCall
from shared.runtime.calling_off import call_off
from shared.runtime.clock import now
from shared.runtime.engine import Engine
from shared.runtime.failpoints import point
from shared.runtime.kept_lines import TOO_LONG, name_of
from shared.runtime.lines import Line, too_long
from shared.runtime.log import Log
from shared.runtime.operations import Operation
from shared.runtime.rebuild import replay
from shared.runtime.tokens import Caller
from shared.runtime.verify.read_models import chosen

_LOG = get_logger("operations")
_LOOK_SECONDS: Final = 1.0


async def work_off(engine: Engine, log: Log | None) -> None:
    """Work operations off, for ever. **Errors**: `StoreUnavailable`: it is tried again from where it was."""
    engine.service.api()  # loads it now: a request that waits in this process would be late
    after: str | None = None
    while True:
        operation = await engine.store.operations.next_running(after)
        if operation is None:
            after = None
            await asyncio.sleep(_LOOK_SECONDS)
            continue
        after = operation.operation_id
        try:
            await one_worked_off(engine, log, operation)
        except Unavailable as error:  # it goes on at its next turn: nobody waits behind what may be away for long
            _LOG.warning("operation-waits", operation_id=operation.operation_id, kind=type(error).__name__)


async def one_worked_off(engine: Engine, log: Log | None, operation: Operation) -> None:
    """Work one operation off, unless somebody cancels it. **Errors**: `Unavailable`."""
    try:
        if operation.kind == "bulk":
            await _take_lines(engine, operation)
        else:
            await _rebuild(engine, log, operation)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 (a defect ends this operation, and never those behind it)
        slug = error.slug if isinstance(error, KnownError) else "defect"
        _LOG.exception("operation-failed", operation_id=operation.operation_id, kind=type(error).__name__)
        found = await engine.store.operations.find(operation.tenant_id, operation.operation_id) or operation
        await engine.store.operations.change(structs.replace(found, state="failed", problem=slug, ended_at=now()))


async def _take_lines(engine: Engine, operation: Operation) -> None:
    intake = engine.service.api().intakes[operation.subject]
    call = _call_of(engine, operation)
    while sealed := await engine.store.operations.part(operation.operation_id, "sent", operation.worked):
        name = name_of(operation.operation_id, "sent", operation.worked)
        content = await engine.vault.open_file(operation.tenant_id, name, sealed)
        lines: list[Line] = [too_long() if each == TOO_LONG else each for each in content.split(b"\n")]
        told = await intake.results(operation.done + 1, lines, call)
        if any(each.status == HTTPStatus.SERVICE_UNAVAILABLE for each in told):
            raise Unavailable("the store was away while lines were taken; they are taken again")
        point("operation.taken")
        encoded = json.Encoder().encode_lines(told)
        result = await engine.vault.seal_file(
            operation.tenant_id, name_of(operation.operation_id, "result", operation.worked), encoded
        )
        operation = structs.replace(operation, done=operation.done + len(lines), worked=operation.worked + 1)
        if not await engine.store.operations.change(operation, result=result):
            return  # cancelled meanwhile: what was taken stays
    await engine.store.operations.change(structs.replace(operation, state="succeeded", ended_at=now()))


async def _rebuild(engine: Engine, log: Log | None, operation: Operation) -> None:
    (projection,) = chosen(engine, frozenset({operation.subject}))
    reached = (0, 0)

    def progress(_: str, done: int, total: int) -> None:
        nonlocal reached
        reached = (done, total)

    work = asyncio.create_task(replay(engine, log, projection, progress))
    try:
        while not work.done():
            await asyncio.wait([work], timeout=_LOOK_SECONDS)
            operation = structs.replace(operation, done=reached[0], total=reached[1])
            if not await engine.store.operations.change(operation):
                return  # cancelled: what it filled is gone on with, should somebody ask again
        done = work.result()
    finally:
        with suppress(Exception):
            await call_off(work)
    encoded = json.Encoder().encode_lines([asdict(done)])
    name = name_of(operation.operation_id, "result", operation.worked)
    result = await engine.vault.seal_file(operation.tenant_id, name, encoded)
    ended = structs.replace(
        operation,
        state="succeeded",
        done=done.events,
        total=done.events,
        worked=operation.worked + 1,
        ended_at=now(),
    )
    await engine.store.operations.change(ended, result=result)


def _call_of(engine: Engine, operation: Operation) -> OneCall:
    """Return the call of whoever sent the lines, as of now."""
    return OneCall(
        engine=engine,
        access=engine.service.api().access[operation.subject],
        caller=Caller(tenant_id=operation.tenant_id, actor=operation.actor, scopes=frozenset()),
        now=now(),
        route=operation.subject,
        response=Response(),
        correlation_id=operation.correlation_id,
    )
