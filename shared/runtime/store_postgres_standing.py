"""What the lock of a store shows, asked of PostgreSQL by one question: the head, and what a flush asked of it.

Owns: the statement, which is the same for all flushes, so that its plan is made once. Refuses: locking
(`store_postgres.py`), and what follows from the answer (`flush.py`).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final

import asyncpg
from msgspec import json

from shared.events.envelope import Envelope
from shared.runtime.postgres import storable
from shared.runtime.store import (
    NOTHING_READ,
    Answer,
    AnswerKey,
    AskedOfLock,
    Checkpoint,
    Head,
    HeldBack,
    Place,
    RowKey,
    Standing,
    StoreUnavailable,
    Stream,
)
from shared.runtime.store_postgres_tx import EVENT_COLUMNS, envelope_of

_HEAD_COLUMNS: Final = (
    "store_id::text, incarnation, position, chain_hash, recorded_at, restoring, effects_held, streams_locked,"
    " read_models"
)
HEAD: Final = f"select {_HEAD_COLUMNS} from store_head"  # noqa: S608 (columns of ours)
SHOWN: Final = (
    f"select {_HEAD_COLUMNS},"  # noqa: S608 (columns of ours)
    " (select json_agg(json_build_array(topic, partition, next_offset, store_id, incarnation, position, attempts))"
    "  from checkpoint join unnest($1::text[], $2::int[]) as wanted (topic, partition) using (topic, partition))"
    " as checkpoints,"
    " (select json_agg(json_build_array(tenant_id, key, topic, partition, first)) from"
    "  (select tenant_id, key, topic, partition, min(offset_) as first from parked"
    "   join unnest($3::text[], $4::text[]) as wanted (tenant_id, key) using (tenant_id, key)"
    "   group by tenant_id, key, topic, partition) as waiting) as parked,"
    " array(select event_id::text from discarded"
    "  join unnest($3::text[], $4::text[]) as wanted (tenant_id, key) using (tenant_id, key)) as discarded,"
    " array(select event_id::text from events join unnest($5::uuid[]) as wanted (event_id) using (event_id))"
    " as existing,"
    " (select json_agg(json_build_array(tenant_id, route, key, body_hmac, stream, version, token, status))"
    "  from idempotency join unnest($6::text[], $7::text[], $8::text[]) as wanted (tenant_id, route, key)"
    "  using (tenant_id, route, key)) as answers,"
    " array(select row(fact.*) from unnest($9::text[], $10::text[]) as wanted (t, s) cross join lateral"
    f"  (select {EVENT_COLUMNS} from events where tenant_id = t and stream = s offset 0) as fact"
    "  order by t, s, version) as facts,"
    " (select coalesce(sum(next_offset), 0)::bigint from checkpoint) as consumed from store_head"
)
_CHECKPOINTS: Final = json.Decoder(list[tuple[str, int, int, str, int, int, int]])
_PARKED: Final = json.Decoder(list[tuple[str, str, str, int, int]])
_ANSWERS: Final = json.Decoder(list[tuple[str, str, str, str, str, int, str, int]])


async def shown(connection: asyncpg.Connection, asked: AskedOfLock, *, session: int) -> tuple[Head, Standing]:
    """Return the head of a store whose lock is held, and what stands there of what is asked.

    **Errors**: `StoreUnavailable`: there is no head; `UnstorableValue`: a key with a NUL, say.
    """
    places, keys, answers = _columns(asked.places, 2), _columns(asked.keys, 2), _columns(asked.answers, 3)
    streams = _columns(asked.streams, 2)
    with storable():
        row = await connection.fetchrow(SHOWN, *places, *keys, list(asked.event_ids), *answers, *streams)
    if row is None:
        raise StoreUnavailable("the store has no head; was its schema made by this release?")
    found = dict(row.items())
    standing = Standing(
        checkpoints=dict.fromkeys(asked.places, NOTHING_READ) | _checkpoints(found.pop("checkpoints")),
        held_back=HeldBack(_parked(found.pop("parked")), frozenset(found.pop("discarded"))),
        existing=frozenset(found.pop("existing")),
        answers=_answers(found.pop("answers")),
        consumed=found.pop("consumed"),
        streams=_facts(asked.streams, found.pop("facts")),
    )
    return Head(**found, session=session), standing


def _columns(keys: Collection[tuple[object, ...]], count: int) -> list[list[object]]:
    return [list(column) for column in zip(*keys, strict=True)] if keys else [[] for _ in range(count)]


def _checkpoints(told: str | None) -> dict[Place, Checkpoint]:
    return {
        (topic, partition): Checkpoint(
            next_offset=offset, store_id=store_id, incarnation=incarnation, position=position, attempts=attempts
        )
        for topic, partition, offset, store_id, incarnation, position, attempts in (
            _CHECKPOINTS.decode(told) if told else ()
        )
    }


def _parked(told: str | None) -> dict[RowKey, dict[Place, int]]:
    parked: dict[RowKey, dict[Place, int]] = defaultdict(dict)
    for tenant_id, key, topic, partition, first in _PARKED.decode(told) if told else ():
        parked[tenant_id, key][topic, partition] = first
    return parked


def _facts(asked: Collection[Stream], told: Sequence[tuple[Any, ...]]) -> dict[Stream, list[Envelope]]:
    facts: dict[Stream, list[Envelope]] = {stream: [] for stream in asked}
    for row in told:
        envelope = envelope_of(row)
        facts[envelope.tenant_id, envelope.stream].append(envelope)
    return facts


def _answers(told: str | None) -> dict[AnswerKey, Answer]:
    return {
        (tenant_id, route, key): Answer(body_hmac=hmac, stream=stream, version=version, token=token, status=status)
        for tenant_id, route, key, hmac, stream, version, token, status in (_ANSWERS.decode(told) if told else ())
    }
