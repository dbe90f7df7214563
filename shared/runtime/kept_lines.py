"""Lines that are kept until a worker takes them, and the results that it leaves: sealed, a part at a time.

Owns: the parts. Refuses: taking lines (`working_off.py`).
"""

from collections.abc import AsyncIterator
from typing import Final

from shared.runtime.call import OneCall
from shared.runtime.clock import new_id
from shared.runtime.engine import Engine
from shared.runtime.lines import lines_of
from shared.runtime.operations import Operation

TOO_LONG: Final = b"\0"
"""What is kept of a line that was too long."""
_PART_BYTES: Final = 500_000


async def keep_lines(call: OneCall, chunks: AsyncIterator[bytes]) -> Operation:
    """Keep the lines of a request, sealed, for a worker to take; return the operation. **Errors**: `StoreUnavailable`.

    **Shape**: it begins once all of them are here: who loses the connection before sends them again.
    """
    operations = call.engine.store.operations
    operation_id, part, size, number, total = new_id(), list[bytes](), 0, 0, 0

    async def keep() -> None:
        sealed = await call.engine.vault.seal_file(
            call.caller.tenant_id, name_of(operation_id, "sent", number), b"\n".join(part)
        )
        await operations.add_part(operation_id, number, sealed)

    async for lines in lines_of(chunks):
        for line in lines:
            kept = line if isinstance(line, bytes) else TOO_LONG
            part.append(kept)
            size, total = size + len(kept), total + 1
            if size > _PART_BYTES:
                await keep()
                part, size, number = [], 0, number + 1
    if part:
        await keep()
    operation = Operation(
        operation_id=operation_id,
        tenant_id=call.caller.tenant_id,
        kind="bulk",
        subject=call.route,
        actor=call.caller.actor,
        correlation_id=call.correlation_id,
        created_at=call.now,
        total=total,
    )
    await operations.add(operation)
    return operation


async def results(engine: Engine, operation: Operation) -> AsyncIterator[bytes]:
    """Yield the results so far, as lines."""
    for number in range(operation.worked):
        sealed = await engine.store.operations.part(operation.operation_id, "result", number)
        if sealed is not None:
            name = name_of(operation.operation_id, "result", number)
            yield await engine.vault.open_file(operation.tenant_id, name, sealed)


def name_of(operation_id: str, kind: str, number: int) -> str:
    """Return what a part is sealed for: it opens nowhere else."""
    return f"operation/{operation_id}/{kind}/{number}"
