"""What goes wrong in one unit or record stays with it: its neighbours in the batch notice nothing, on both stores."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from itertools import count
from types import NoneType

import pytest
from msgspec import structs

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor
from shared.events.registration import PayerAdded
from shared.kernel.projection import AnyProjection
from shared.kernel.reaction import Needs, Reaction, Rows
from shared.runtime import flush
from shared.runtime.clock import now
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.flush import Unstorable
from shared.runtime.keys import KeyStore, LocalKms, UnstorableText, Vault
from shared.runtime.store import (
    NOTHING_READ,
    Checkpoint,
    ProjectionBroken,
    Store,
    StoreUnavailable,
    UnaskableValue,
)
from shared.runtime.store_memory import MemoryStore
from shared.runtime.store_postgres import PostgresStore
from shared.runtime.taking import Consumed, Fenced
from shared.runtime.wiring import Wiring
from tests.support.away_keys import AwayKeys
from tests.support.databases import fresh_database
from tests.support.donating import donated
from tests.support.lending import CARD_ROWS, DONORS, LEND_TO_DONOR, SHELVES, Issue, Lend, Return, Shelf, lending
from tests.support.memory import envelope_of

CLERK = Actor(kind="human", id="clerk-1")
PLACE = ("claimlog.registration", 0)

Opened = Callable[[Service], AbstractAsyncContextManager[Engine]]


@pytest.fixture
def keys() -> AwayKeys:
    return AwayKeys()


@pytest.fixture(params=["memory", "postgres"])
async def opened(request: pytest.FixtureRequest, database_server: DatabaseServer, keys: KeyStore) -> Opened:
    """Return what opens an engine over one store, whatever its service."""
    url = await fresh_database(database_server) if request.param == "postgres" else ""
    memory = MemoryStore()

    @asynccontextmanager
    async def engine(service: Service) -> AsyncIterator[Engine]:
        wiring = Wiring(service)
        async with AsyncExitStack() as stack:
            store: Store = memory
            if url:
                opening = PostgresStore.open(url, service.projections, name=service.name)
                store = await stack.enter_async_context(opening)
            vault = Vault(wiring.registry, LocalKms(bytes(32)), keys)
            yield await stack.enter_async_context(Engine(wiring, store, vault).running())

    return engine


def consumed(event: PayerAdded, offset: int, read_from: Checkpoint) -> Consumed:
    moved = Checkpoint(next_offset=offset + 1, store_id="s", incarnation=1, position=offset + 1)
    envelope = envelope_of(event, position=offset + 1, at=now())
    return Consumed(place=PLACE, offset=offset, read_from=read_from, moved=moved, envelope=envelope, event=event)


def in_a_row(*events: PayerAdded) -> list[Consumed]:
    """Return the records of one partition, each read from where the one before it led."""
    records: list[Consumed] = []
    for n, event in enumerate(events):
        records.append(consumed(event, n, records[-1].moved if records else NOTHING_READ))
    return records


async def all_at_once(engine: Engine, *commands: object) -> list[object]:
    asked = [engine.handle("demo", CLERK, command) for command in commands]
    return list(await asyncio.gather(*asked, return_exceptions=True))


async def test_defect_in_one_unit_is_its_callers_alone(opened: Opened) -> None:
    bad = Lend(copy_id="B", title=object())  # type: ignore[arg-type]  # no event can be written with it
    async with opened(lending()) as engine:
        record = consumed(donated("P-1"), 0, NOTHING_READ)
        answers, taken = await asyncio.gather(
            all_at_once(engine, Lend(copy_id="C-1"), bad, Lend(copy_id="C-2")), engine.consume([record])
        )
        position = (await engine.store.head()).position

    assert [type(each).__name__ for each in answers] == ["Outcome", "TypeError", "Outcome"]
    assert taken == [None]
    assert position == 3


@pytest.mark.parametrize("bad", [Issue(reader_id="R-1", name="Ada"), object()], ids=["lost key", "nobody's command"])
async def test_command_whose_stream_cannot_be_read_fails_alone(opened: Opened, keys: AwayKeys, bad: object) -> None:
    async with opened(lending()) as engine:
        await engine.handle("demo", CLERK, Issue(reader_id="R-1", name="Ada"))
    keys.lose()
    async with opened(lending()) as engine:
        answers = await all_at_once(engine, Lend(copy_id="C-1"), bad, Lend(copy_id="C-2"))

    assert [type(each).__name__ for each in answers] == [
        "Outcome",
        "KeyError" if type(bad) is object else "KeyNotFound",
        "Outcome",
    ]


@pytest.mark.parametrize("copy_id", ["a\x00b", "C-1"], ids=["NUL in an id", "a good id"])
async def test_value_that_no_stream_can_have_fails_its_command_alone(opened: Opened, copy_id: str) -> None:
    async with opened(lending()) as engine:
        answers = await all_at_once(engine, *(Lend(copy_id=f"D-{n}") for n in range(3)), Lend(copy_id=copy_id))
        position = (await engine.store.head()).position

    failed = [each for each in answers if isinstance(each, Exception)]
    assert len(failed) == (copy_id != "C-1")
    assert all(isinstance(each, Unstorable | UnstorableText) for each in failed)
    assert position == 4 - len(failed)


async def test_question_with_an_impossible_value_is_malformed_or_empty(opened: Opened) -> None:
    async with opened(lending()) as engine:
        with suppress(UnaskableValue):  # what the database says; the twin in memory has no such row
            assert await engine.row(SHELVES, "demo", "a\x00b") is None


def _later(event: PayerAdded, rows: Rows) -> Needs:
    if rows.has(SHELVES, event.payer_id) and rows.get(SHELVES, event.payer_id) is not None:
        return {SHELVES: (event.payer_id, "C-2")}  # known only once the commands of the same batch were decided
    return {SHELVES: (event.payer_id,)}


def _crash(event: PayerAdded, rows: Rows) -> tuple[object, ...]:
    shelf = rows.get(SHELVES, "C-2")
    raise ZeroDivisionError(event.payer_id, shelf)


async def test_record_that_fails_half_way_takes_nothing_of_its_neighbours_along(opened: Opened) -> None:
    late = Reaction(name="late", on=PayerAdded, needs=_later, react=_crash)
    async with opened(replace(lending(), reactions=(late,))) as engine:
        answers, taken = await asyncio.gather(
            all_at_once(engine, Lend(copy_id="P-1"), Lend(copy_id="C-2")),
            engine.consume([consumed(donated("P-1"), 0, NOTHING_READ)]),
        )
        first = await engine.row(SHELVES, "demo", "P-1")
        second = await engine.row(SHELVES, "demo", "C-2")
        donor = await engine.row(DONORS, "demo", "P-1")
        parked = await engine.store.parked("demo", rows_max=10)

    assert not [each for each in answers if isinstance(each, Exception)]
    assert taken == [None]
    assert first == Shelf("P-1", 1, away=True, pages=100)
    assert second == Shelf("C-2", 1, away=True, pages=100)
    assert donor is None
    assert [each.cause for each in parked] == ["ZeroDivisionError"]


async def test_slow_commands_and_slow_records_take_turns(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flush, "_SECONDS_MAX", -1.0)  # as if each one alone took too long
    records = in_a_row(*(donated(f"P-{n}") for n in range(4)))
    async with opened(lending()) as engine:
        commands = [Lend(copy_id=f"C-{n}") for n in range(12)]
        answers, taken = await asyncio.gather(all_at_once(engine, *commands), engine.consume(records))
        streams = [each.stream for each in await engine.store.events(0, events_max=100)]

    assert not [each for each in answers if isinstance(each, Exception)]
    assert taken == [None] * 4
    assert [stream[5] for stream in streams] == list("CPCPCPCPCCCCCCCC")


async def test_command_goes_before_the_slow_records_that_are_left(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_the_third(_: float) -> Callable[[], bool]:
        steps = count(1)
        return lambda: next(steps) == 3

    monkeypatch.setattr(flush, "_late", at_the_third)
    records = in_a_row(*(donated(f"P-{n}") for n in range(9)))
    async with opened(lending()) as engine:
        taking = asyncio.create_task(engine.consume(records))
        for n in range(3):
            await engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}"))
        streams = [each.stream for each in await engine.store.events(0, events_max=100)]
        assert await taking == [None] * 9

    turns = "".join(stream[5] for stream in streams)
    assert re.fullmatch("C?(PPP)?(CPP)+P*", turns), turns  # once records are left, never behind a turn of them alone


async def test_records_that_are_handed_over_together_and_slow_are_taken_in_order(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flush, "_SECONDS_MAX", -1.0)
    records = in_a_row(*(donated("P-1", f"name {n}") for n in range(5)))
    async with opened(replace(lending(), reactions=())) as engine:
        taken = await engine.consume(records)
        donor = await engine.row(DONORS, "demo", "P-1")

    assert taken == [None] * 5
    assert donor is not None
    assert donor.name == "name 4"


async def test_reaction_waits_for_a_read_model_that_broke_in_the_same_batch(opened: Opened) -> None:
    def issue_unless_lent(event: PayerAdded, rows: Rows) -> tuple[object, ...]:
        away = rows.get(SHELVES, event.payer_id) is not None
        return () if away else (Issue(reader_id=event.payer_id, name="Ada"),)

    reading = Reaction(
        name="issue_unless_lent",
        on=PayerAdded,
        needs=lambda event, _: {SHELVES: (event.payer_id,)},
        react=issue_unless_lent,
    )
    broken = replace(SHELVES, apply=_no_row)
    async with opened(replace(lending(), projections=(broken, DONORS), reactions=(reading,))) as engine:
        _, taken = await asyncio.gather(
            all_at_once(engine, Lend(copy_id="P-1")), engine.consume([consumed(donated("P-1"), 0, NOTHING_READ)])
        )
        types = [each.type for each in await engine.store.events(0, events_max=10)]

    assert [type(each) for each in taken] == [ProjectionBroken]
    assert types == ["CopyLent"]


async def test_row_that_another_process_changed_without_a_fact_is_read_anew(opened: Opened) -> None:
    def lend_as_first(_: PayerAdded, rows: Rows) -> tuple[object, ...]:
        donor = rows.get(DONORS, "P-1")
        return (Lend(copy_id=f"C-{donor.name}"),) if donor else ()

    reading = Reaction(name="lend_as_first", on=PayerAdded, needs=lambda _, __: {DONORS: ("P-1",)}, react=lend_as_first)
    first = consumed(donated("P-1", "Ada"), 0, NOTHING_READ)
    second = consumed(donated("P-1", "Bo"), 1, first.moved)
    third = consumed(donated("P-2", "Cy"), 2, second.moved)
    silent = replace(lending(), reactions=())
    async with opened(replace(lending(), reactions=(reading,))) as ours, opened(silent) as theirs:
        taken = [*await ours.consume([first]), *await theirs.consume([second]), *await ours.consume([third])]
        lent = await ours.page(SHELVES, "demo")

    assert taken == [None, None, None]
    assert {row.copy_id for row in lent.items} == {"C-Ada", "C-Bo"}


async def test_record_is_tried_again_when_the_keys_were_away(opened: Opened, keys: AwayKeys) -> None:
    issue = Reaction(
        name="issue", on=PayerAdded, react=lambda event, _: (Issue(reader_id=event.payer_id, name=event.payer_name),)
    )
    first = consumed(donated("P-1"), 0, NOTHING_READ)
    second = consumed(donated("P-2"), 1, first.moved)
    async with opened(replace(lending(), reactions=(issue, LEND_TO_DONOR))) as engine:
        keys.away = True
        answers, away = await asyncio.gather(all_at_once(engine, Lend(copy_id="C-1")), engine.consume([first, second]))
        keys.away = False
        again = await engine.consume([first])
        parked = await engine.store.parked(None, rows_max=10)
        types = [each.type for each in await engine.store.events(0, events_max=10)]

    assert [type(each).__name__ for each in answers] == ["Outcome"]
    assert [type(each) for each in away] == [StoreUnavailable, Fenced]
    assert again == [None]
    assert not parked
    assert types == ["CopyLent", "CardIssued", "CopyLent"]


async def test_parked_record_is_released_once_however_many_try(opened: Opened) -> None:
    first = consumed(donated("P-1", "poison"), 0, NOTHING_READ)
    second = consumed(donated("P-1"), 1, first.moved)
    async with opened(replace(lending(), reactions=())) as engine:
        await engine.consume([first, second])
        oldest, newer = await engine.store.parked("demo", key="P-1", rows_max=10)
        mended = structs.replace(first, event=donated("P-1", "mended"), released=oldest)
        too_early = await engine.consume([structs.replace(second, released=newer)])
        twice = await engine.consume([mended, mended])
        later = await engine.consume([mended, structs.replace(second, released=newer)])
        facts = [each.type for each in await engine.store.events(0, events_max=10)]

    assert [type(each) for each in too_early] == [Fenced]
    assert [type(each) for each in twice] == [NoneType, Fenced]
    assert [type(each) for each in later] == [Fenced, NoneType]
    assert facts.count("KeyReleased") == 2


def _no_keys(_: object) -> tuple[str, ...]:
    raise ZeroDivisionError


def _no_row(_: Shelf | None, __: object) -> Shelf | None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    "broken", [replace(SHELVES, keys=_no_keys), replace(SHELVES, apply=_no_row)], ids=["keys", "apply"]
)
async def test_read_model_that_cannot_fold_stops_its_readers_and_no_fact(opened: Opened, broken: AnyProjection) -> None:
    service = replace(lending(), projections=(broken, DONORS))
    async with opened(service) as engine:
        lent = await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
        back = await engine.handle("demo", CLERK, Return(copy_id="C-1"))
        with pytest.raises(ProjectionBroken):
            await engine.row(SHELVES, "demo", "C-1")
        with pytest.raises(ProjectionBroken):
            await engine.page(SHELVES, "demo")
        with pytest.raises(ProjectionBroken):
            await engine.counts(SHELVES, "demo", by="away")

    assert (lent.version, back.version) == (1, 2)


@pytest.mark.parametrize(
    "broken",
    [replace(SHELVES, version=2, keys=_no_keys), replace(SHELVES, version=2, apply=_no_row)],
    ids=["keys", "apply"],
)
async def test_new_version_that_cannot_fold_what_was_missed_stops_its_readers_and_no_fact(
    opened: Opened, broken: AnyProjection
) -> None:
    async with opened(lending()) as engine:
        for n in range(4):
            await engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}"))
    async with opened(replace(lending(), projections=(broken, DONORS))) as engine:
        back = await engine.handle("demo", CLERK, Return(copy_id="C-1"))
        with pytest.raises(ProjectionBroken):
            await engine.row(broken, "demo", "C-1")

    assert back.version == 2


async def test_missed_fact_that_nobody_can_read_stops_those_that_fold_it_and_no_fact(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = replace(CARD_ROWS, version=2), replace(SHELVES, version=2)
    async with opened(replace(lending(), projections=(CARD_ROWS, SHELVES))) as engine:
        await engine.handle("demo", CLERK, Issue(reader_id="R-1", name="Ada"))
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
    monkeypatch.setattr("shared.runtime.keys.b64decode", lambda _: bytes(40))  # a block that was not sealed for it
    async with opened(replace(lending(), projections=newer)) as engine:
        back = await engine.handle("demo", CLERK, Return(copy_id="C-1"))
        shelf = await engine.row(newer[1], "demo", "C-1")
        with pytest.raises(ProjectionBroken):
            await engine.row(newer[0], "demo", "R-1")

    assert (back.version, shelf) == (2, Shelf("C-1", 1, away=False))


async def test_command_that_needs_no_key_goes_on_while_the_keys_are_away(opened: Opened, keys: AwayKeys) -> None:
    async with opened(lending()) as engine:
        await engine.handle("demo", CLERK, Issue(reader_id="R-0", name="Cy"))  # names have a key that outlives them
        keys.away = True
        asked = [Lend(copy_id="C-1"), Issue(reader_id="R-1", name="Ada"), Lend(copy_id="C-2")]
        answers = await all_at_once(engine, *asked, Issue(reader_id="R-2", name="Bo"))
        times = keys.times_away
        keys.away = False
        again = await all_at_once(engine, asked[1])

    assert [type(each).__name__ for each in (*answers, *again)] == [
        *("Outcome", "StoreUnavailable", "Outcome", "StoreUnavailable"),
        "Outcome",
    ]
    assert times == 1, "nobody waits again under the lock"


async def test_new_version_of_a_read_model_is_filled_from_the_facts(opened: Opened) -> None:
    async with opened(lending()) as engine:
        for n in range(4):
            await engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}"))
    newer = replace(SHELVES, version=2)
    async with opened(replace(lending(), projections=(newer, DONORS))) as engine:
        await engine.handle("demo", CLERK, Return(copy_id="C-1"))
        rows = (await engine.page(newer, "demo")).items

    assert [(row.copy_id, row.times, row.away) for row in rows] == [
        ("C-0", 1, True),
        ("C-1", 1, False),
        ("C-2", 1, True),
        ("C-3", 1, True),
    ]


async def test_counts_by_a_filter_that_is_empty_agree_with_the_page(opened: Opened) -> None:
    async with opened(lending()) as engine:
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
        counts = await engine.counts(SHELVES, "demo", by="times", where={"pages": None})
        page = await engine.page(SHELVES, "demo", where={"pages": None})

    assert (dict(counts), page.items) == ({}, ())
