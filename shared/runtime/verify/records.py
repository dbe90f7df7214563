"""Records of the log between two offsets, for checks that read what is there and then stop.

Owns: one reader over some partitions and its end. Refuses: waiting for what comes later.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from shared.runtime.log import Fetched, Log, LogUnavailable
from shared.runtime.store import Place

_FETCH: Final = 2_000
_EMPTY_MAX: Final = 30


async def records(
    log: Log, starts: Mapping[Place, int], ends: Mapping[Place, int]
) -> AsyncIterator[tuple[Place, Sequence[Fetched]]]:
    """Yield the records of partitions from where they start up to and with an offset that each has.

    **Errors**: `OffsetGone`; `LogUnavailable`, also where records that are known do not come.
    """
    left, empty = dict(ends), 0
    async with log.reader() as reader:
        await reader.assign(starts)
        while left:
            found = await reader.fetch(records_max=_FETCH, seconds=1)
            empty = 0 if found else empty + 1
            if empty > _EMPTY_MAX:
                raise LogUnavailable("the log does not give records that it has")
            for place, some in found.items():
                yield place, [record for record in some if record.offset <= ends[place]]
                if some[-1].offset >= ends[place]:
                    left.pop(place, None)
