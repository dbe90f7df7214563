"""Stores for measurements: an engine over one, and one that is filled by COPY with the facts of claims.

Owns: five facts for a claim (assembled, priced, queued, submitted, accepted), in the product's own types, with a chain
that holds; of half a kilobyte each with the usual two lines a claim, of one with twelve. Refuses: sealed fields; these
facts have none.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, Final

import asyncpg
from msgspec import json, structs

from apps.embedded.database_server import DatabaseServer
from services.claims.domain.claim_facts import ClaimQueued
from shared.events.claims import ClaimAccepted, ClaimAssembled, ClaimLine, ClaimPriced, ClaimSubmitted, PricedLine
from shared.events.envelope import Actor, Envelope, Event, link
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.keys import LocalKms, MemoryKeyStore, Vault
from shared.runtime.store_postgres import PostgresStore
from shared.runtime.store_postgres_tx import EVENT_COLUMNS
from shared.runtime.wiring import Wiring

FACTS_OF_A_CLAIM: Final = 5
TENANT: Final = "demo"
USUAL_LINES: Final = 2
LINES_OF_A_KILOBYTE: Final = 12
_AT: Final = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
_ON: Final = date(2026, 3, 3)
_ACTOR: Final = Actor(kind="service", id="bench")
_CLAIM: Final = "c0000000-0000-7000-8000-000000000000"
_PATIENT: Final = "a0000000-0000-7000-8000-000000000000"
_SUBMISSION: Final = "b0000000-0000-7000-8000-000000000000"
_NUMBER: Final = "CLM000000000"
_PAYER: Final = "f0000000-0000-7000-8000-000000000001"
_DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_COPIED: Final = 10_000
EVENT_TABLE_COLUMNS: Final = [each.strip().removesuffix("::text") for each in EVENT_COLUMNS.split(",")]


@asynccontextmanager
async def store_over(server: DatabaseServer, service: Service, database: str) -> AsyncIterator[PostgresStore]:
    """Open the store of a service on a database, made where it is missing."""
    await server.create(database)
    async with PostgresStore.open(server.url(database), service.projections, name=service.name) as store:
        yield store


@asynccontextmanager
async def engine_over(server: DatabaseServer, service: Service, database: str) -> AsyncIterator[Engine]:
    """Run a service over a database, made where it is missing."""
    async with store_over(server, service, database) as store:
        wiring = Wiring(service)
        async with Engine(
            wiring, store, Vault(wiring.registry, LocalKms(bytes(32)), MemoryKeyStore())
        ).running() as one:
            yield one


async def fetch_value(server: DatabaseServer, database: str, query: str) -> Any:  # noqa: ANN401 (whatever was asked)
    """Return the answer to a question of one value."""
    connection = await asyncpg.connect(server.url(database))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def fill(
    server: DatabaseServer, service: Service, database: str, *, claims: int, lines: int = USUAL_LINES
) -> int:
    """Fill the store of claims by COPY; return how many facts it has then.

    **Shape**: it lies at rest, as a store does that was written over weeks: visited by vacuum, all on disk.
    """
    async with store_over(server, service, database):
        pass  # its tables are there now
    connection = await asyncpg.connect(server.url(database))
    try:
        facts = claim_facts(claims, lines)
        last: Envelope | None = None
        while some := await asyncio.to_thread(lambda: list(islice(facts, _COPIED))):
            last = some[-1]
            await connection.copy_records_to_table(
                "events", records=[record(e) for e in some], columns=EVENT_TABLE_COLUMNS
            )
        if last is None:
            raise ValueError("nothing to fill a store with")
        await connection.execute(
            "update store_head set position = $1, chain_hash = $2, recorded_at = $3",
            last.position,
            last.chain_hash,
            last.recorded_at,
        )
        await connection.execute("vacuum analyze events")
        await connection.execute("checkpoint")
        return last.position
    finally:
        await connection.close()


def record(envelope: Envelope) -> tuple[Any, ...]:
    """Return a fact as a row of the table of events."""
    return (
        envelope.position,
        envelope.tenant_id,
        envelope.stream,
        envelope.version,
        envelope.event_id,
        envelope.type,
        envelope.schema_version,
        envelope.key,
        envelope.public,
        envelope.occurred_at,
        envelope.recorded_at,
        envelope.actor.kind,
        envelope.actor.id,
        envelope.correlation_id,
        envelope.causation_id,
        envelope.unit_first,
        envelope.unit_last,
        json.encode(envelope.names).decode(),
        envelope.chain_hash,
        envelope.data,
    )


def claim_facts(claims: int, lines: int) -> Iterator[Envelope]:
    """Yield the facts of so many claims, from position 1 on, each claim after the other."""
    templates = [(type(event), json.encode(event)) for event in one_claim(lines)]
    chain_hash, position = bytes(32), 0
    for number in range(1, claims + 1):
        for version, (kind, template) in enumerate(templates, start=1):
            position += 1
            envelope = _envelope(kind, _with_number(template, number), number, version, position)
            chain_hash = link(chain_hash, envelope)
            yield structs.replace(envelope, chain_hash=chain_hash)


def _with_number(template: bytes, number: int) -> bytes:
    digits = b"%09d" % number
    for text in (_CLAIM, _PATIENT, _SUBMISSION, _NUMBER):
        template = template.replace(text.encode(), text[:-9].encode() + digits)
    return template


def _envelope(kind: type[Event], data: bytes, number: int, version: int, position: int) -> Envelope:
    claim_id = f"{_CLAIM[:-9]}{number:09d}"
    return Envelope(
        position=position,
        tenant_id=TENANT,
        stream=f"claim-{claim_id}",
        version=version,
        event_id=f"e0000000-0000-7000-8000-{position:012d}",
        type=kind.__name__,
        schema_version=kind.schema_version,
        key=claim_id,
        public=kind is not ClaimQueued,
        occurred_at=_AT,
        recorded_at=_AT,
        actor=_ACTOR,
        correlation_id=f"d0000000-0000-7000-8000-{number:012d}",
        causation_id=None,
        unit_first=position,
        unit_last=position,
        names=(),
        chain_hash=b"",
        data=data,
    )


def one_claim(lines: int) -> Sequence[Event]:
    """Return the facts of a claim of so many lines."""
    charge_cents = 15_000 * lines
    return (_assembled(lines), _priced(lines, charge_cents), _queued(), _submitted(charge_cents), _accepted())


def _assembled(lines: int) -> Event:
    return ClaimAssembled(
        claim_id=_CLAIM,
        encounter_ids=(_CLAIM,),
        patient_id=_PATIENT,
        coverage_id=_PAYER,
        payer_id=_PAYER,
        filing_order="primary",
        form="P",
        diagnoses=("E119", "I10", "M545", "Z0000"),
        lines=tuple(
            ClaimLine(
                line_no=n,
                line_control_number=f"L{n}",
                procedure_code="99213",
                modifiers=("25",),
                units=1,
                pointers=(1, 2),
                service_from_on=_ON,
                service_to_on=_ON,
            )
            for n in range(1, lines + 1)
        ),
        place_of_service="11",
        rendering_provider_id=_PAYER,
        billing_provider_id=_PAYER,
        coding_version=1,
        rule_set_version="2026.11",
        filing_deadline_on=date(2026, 8, 30),
        assembled_at=_AT,
    )


def _priced(lines: int, charge_cents: int) -> Event:
    return ClaimPriced(
        claim_id=_CLAIM,
        patient_id=_PATIENT,
        payer_id=_PAYER,
        lines=tuple(
            PricedLine(line_no=n, line_control_number=f"L{n}", charge_cents=charge_cents // lines)
            for n in range(1, lines + 1)
        ),
        charge_cents=charge_cents,
        fee_schedule_versions=("practice 1",),
        priced_at=_AT,
    )


def _queued() -> Event:
    return ClaimQueued(
        claim_id=_CLAIM,
        patient_id=_PATIENT,
        submission_id=_SUBMISSION,
        batch_id=_PAYER,
        patient_control_number=_NUMBER,
        coding_version=1,
        file_sha256=_DIGEST,
        queued_at=_AT,
    )


def _submitted(charge_cents: int) -> Event:
    return ClaimSubmitted(
        claim_id=_CLAIM,
        submission_id=_SUBMISSION,
        patient_id=_PATIENT,
        payer_id=_PAYER,
        encounter_ids=(_CLAIM,),
        frequency="1",
        patient_control_number=_NUMBER,
        charge_cents=charge_cents,
        interchange_control_number="000000001",
        group_control_number="1",
        transaction_control_number="0001",
        file_sha256=_DIGEST,
        channel="http",
        submitted_at=_AT,
    )


def _accepted() -> Event:
    return ClaimAccepted(
        claim_id=_CLAIM,
        submission_id=_SUBMISSION,
        level="payer",
        status_codes=("A2:20",),
        payer_claim_number="ICN2026000001",
        file_sha256=_DIGEST,
        accepted_at=_AT,
    )
