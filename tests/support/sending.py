"""Claims that has one file to send, which fault tests kill on the way and start again.

    python -m tests.support.sending '{"database": ADDRESS, "settings": {…}, "content": TEXT}'

Queues the file once, carries out what is to be done, and ends when the file has a result, or nobody can tell. Then it
prints the names of the batch's facts.
"""

import asyncio
import sys
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from msgspec import json

from services.claims.domain.batch import QueueBatch
from services.claims.main import service
from services.claims.settings import Settings
from shared.events.envelope import Actor
from shared.runtime.acting import Runner
from shared.runtime.clock import now
from shared.runtime.engine import Engine
from shared.runtime.files import File
from shared.runtime.keys_postgres import PostgresKeyStore
from shared.runtime.telemetry import configure_logging
from tests.support.engines import beside, engine_over, until

TENANT: Final = "demo"
BATCH: Final = "0190f3c2-0000-7000-8000-000000000009"
_ENDS: Final = {"BatchTransmitted", "BatchOutcomeUnknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One run."""

    database: str
    settings: dict[str, Any]
    content: str

    @property
    def text(self) -> str:
        """Return it as the program takes it."""
        return json.encode(self).decode()


async def facts(engine: Engine) -> list[str]:
    """Return the names of the batch's facts, in order."""
    found = await engine.store.events(0, events_max=100)
    return [each.type for each in found if each.stream == f"batch-{BATCH}"]


async def send(sending: Sending) -> list[str]:
    """Queue the file unless it is, and return what became of it."""
    claims = service(Settings.model_validate({"tenant_id": TENANT} | sending.settings))
    async with (
        PostgresKeyStore.open(sending.database) as keys,
        engine_over(claims, sending.database, keys=keys) as engine,
    ):
        if not await facts(engine):
            content = sending.content.encode()
            queue = QueueBatch(
                batch_id=BATCH,
                receiver_id="CH",
                channel="folder",
                interchange_control_number="000000001",
                group_control_number="1",
                file_sha256=sha256(content).hexdigest(),
                claims=(),
                now=now(),
            )
            file = File(kind="837p", content=content)
            await engine.handle(TENANT, Actor(kind="service", id="test"), queue, files=(file,))

        async def is_done() -> bool:
            return not _ENDS.isdisjoint(await facts(engine))

        async with beside(Runner(engine).run()):
            await until(is_done, seconds=60)
        return await facts(engine)


def main(text: str) -> None:
    """Run what a text describes."""
    configure_logging()
    print(*asyncio.run(send(json.decode(text, type=Sending))))  # noqa: T201 (what the test reads)


if __name__ == "__main__":
    main(*sys.argv[1:])
