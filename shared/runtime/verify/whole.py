"""All checks of one service, in order.

Owns: what is looked at when, and what happens where something is away. Refuses: the checks; each has a file.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

import asyncpg

from shared.kernel.errors import Unavailable
from shared.runtime.engine import Engine
from shared.runtime.log import Log, LogUnavailable
from shared.runtime.progress import Progress, silent
from shared.runtime.verify.chain import check_chain, check_head
from shared.runtime.verify.checkpoints import OFFSETS, check_checkpoints, check_offsets
from shared.runtime.verify.domain import about, check_domain
from shared.runtime.verify.files import FILES, check_files
from shared.runtime.verify.finding import About, Finding, Verified
from shared.runtime.verify.parked import PARKED, check_parked
from shared.runtime.verify.read_models import check_read_model, chosen
from shared.runtime.verify.snapshot import Snapshot, reading, snapshot
from shared.runtime.verify.streams import check_answers, check_names, check_versions
from shared.runtime.verify.topics import TOPICS, check_topics


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is looked at. **Shape**: `quick` is the store's own facts alone: chain, versions, names, answers, head.

    `read_models` names those that are looked at, all where it is empty.
    """

    quick: bool = False
    topics: bool = True
    read_models: frozenset[str] = frozenset()


EVERYTHING: Final = Choice()


async def verify(
    engine: Engine, log: Log | None, *, choice: Choice = EVERYTHING, progress: Progress = silent
) -> Verified:
    """Return what became of each invariant. Nothing is written; the service may go on meanwhile.

    **Shape**: without a log, what needs one is not checked. **Errors**: `StoreUnavailable`, `UnknownReadModel`.
    """
    began, read_models = monotonic(), chosen(engine, choice.read_models)
    async with reading(engine.service.settings.database_url) as connection:
        async with snapshot(connection) as seen:
            to = seen.head.position
            findings = [
                check_head(seen),
                await check_versions(connection, to),
                await check_names(connection, to),
                await check_answers(connection),
            ]
        findings += await check_chain(connection, to, progress)
        if not choice.quick:
            findings += await _Rest(engine, log, connection, seen, progress).looked_at(choice)
            findings += [await check_read_model(engine, log, each, progress) for each in read_models]
    seconds = monotonic() - began
    return Verified(service=engine.service.name, position=to, seconds=seconds, invariants=tuple(findings))


@dataclass(frozen=True, slots=True)
class _Rest:
    """What follows from the facts, and all that is needed to look at it."""

    engine: Engine
    log: Log | None
    connection: asyncpg.Connection
    seen: Snapshot
    progress: Progress

    async def looked_at(self, choice: Choice) -> list[Finding]:
        """Return what became of it."""
        findings = [check_checkpoints(self.seen)]
        findings += await self._tried((PARKED,), self._parked)
        findings += await self._tried((OFFSETS,), self._offsets)
        if choice.topics:
            findings += await self._tried((TOPICS,), self._topics)
        findings += await self._tried((FILES,), self._files)
        findings += await self._tried(tuple(map(about, self.engine.service.invariants)), self._domain)
        return findings

    async def _tried(self, whats: Sequence[About], check: Callable[[], Awaitable[Sequence[Finding]]]) -> list[Finding]:
        """Return findings; where something is away, that nobody knows."""
        try:
            return list(await check())
        except Unavailable as error:
            return [what.unchecked(f"{error.slug}: {error}") for what in whats]

    async def _parked(self) -> Sequence[Finding]:
        return (await check_parked(self.engine, self.log, self.connection, self.seen),)

    async def _offsets(self) -> Sequence[Finding]:
        return (await check_offsets(self._log(), self.seen),)

    async def _topics(self) -> Sequence[Finding]:
        return (await check_topics(self.engine, self._log(), self.connection, self.seen, self.progress),)

    async def _files(self) -> Sequence[Finding]:
        return (await check_files(self.engine, self.progress),)

    async def _domain(self) -> Sequence[Finding]:
        return await check_domain(self.engine, self.seen.head.position, self.progress)

    def _log(self) -> Log:
        if self.log is None:
            raise LogUnavailable("the log is away")
        return self.log
