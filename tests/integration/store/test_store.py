"""What every store promises, run on PostgreSQL and on its twin in memory."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor, link
from shared.events.registration import PayerAdded
from shared.runtime.clock import new_id, now
from shared.runtime.engine import Engine
from shared.runtime.flush import Unstorable
from shared.runtime.keys import LocalKms, MemoryKeyStore, UnstorableText, Vault
from shared.runtime.operations import Operation
from shared.runtime.releasing import NotTheOldest, discard
from shared.runtime.store import NOTHING_READ, OWN, AtMost, Batch, Checkpoint, Sought, Store, StoreUnavailable
from shared.runtime.store_memory import MemoryStore
from shared.runtime.store_postgres import PostgresStore
from shared.runtime.taking import Consumed, Fenced
from shared.runtime.unit import Idempotency, IdempotencyKeyReused, NameTaken, UnitTooLarge, VersionDiffers
from shared.runtime.wiring import Wiring
from tests.support.databases import fresh_database
from tests.support.lending import DONORS, SHELVES, AlreadyLent, CardIssued, Issue, Lend, Return, lending
from tests.support.memory import envelope_of

CLERK = Actor(kind="human", id="clerk-1")
PLACE = ("claimlog.registration", 0)


def payer(name: str, payer_id: str = "P-1", pages: int = 90) -> PayerAdded:
    return PayerAdded(
        payer_id=payer_id,
        payer_name=name,
        clearinghouse_payer_id="X",
        claim_filing_indicator="CI",
        filing_limit_days=pages,
        filing_limit_months=None,
        zone="America/New_York",
        address=None,
        added_at=now(),
    )


def consumed(event: PayerAdded, offset: int, read_from: Checkpoint) -> Consumed:
    moved = Checkpoint(next_offset=offset + 1, store_id="s", incarnation=1, position=offset + 1)
    envelope = envelope_of(event, position=offset + 1, at=now())
    return Consumed(place=PLACE, offset=offset, read_from=read_from, moved=moved, envelope=envelope, event=event)


@pytest.fixture(params=["memory", "postgres"])
async def engine(request: pytest.FixtureRequest, database_server: DatabaseServer) -> AsyncIterator[Engine]:
    service = lending(unit_events_max=3)
    wiring = Wiring(service)
    async with AsyncExitStack() as stack:
        store: Store = MemoryStore()
        if request.param == "postgres":
            url = await fresh_database(database_server)
            store = await stack.enter_async_context(PostgresStore.open(url, service.projections, name="lending"))
        vault = Vault(wiring.registry, LocalKms(bytes(32)), MemoryKeyStore())
        yield await stack.enter_async_context(Engine(wiring, store, vault).running())


async def test_appends_reads_back_and_answers_with_state_and_version(engine: Engine) -> None:
    lent = await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
    back = await engine.handle("demo", CLERK, Return(copy_id="C-1"))
    stored = await engine.store.events(0, events_max=10)

    assert (lent.state, lent.version, back.state, back.version) == (True, 1, False, 2)
    assert [(each.position, each.version, each.type) for each in stored] == [(1, 1, "CopyLent"), (2, 2, "CopyReturned")]
    assert (await engine.store.head()).position == 2


async def test_refusal_leaves_nothing(engine: Engine) -> None:
    await engine.handle("demo", CLERK, Lend(copy_id="C-1"))

    with pytest.raises(AlreadyLent):
        await engine.handle("demo", CLERK, Return(copy_id="C-1"), Lend(copy_id="C-1"), Lend(copy_id="C-1"))

    assert (await engine.store.head()).position == 1
    assert (await engine.row(SHELVES, "demo", "C-1")).away  # type: ignore[union-attr]


async def test_unit_over_several_streams_is_whole_and_limited(engine: Engine) -> None:
    await engine.handle("demo", CLERK, Lend(copy_id="C-1"), Lend(copy_id="C-2"))
    stored = await engine.store.events(0, events_max=10)

    assert [(each.unit_first, each.unit_last) for each in stored] == [(1, 2), (1, 2)]
    with pytest.raises(UnitTooLarge):
        await engine.handle("demo", CLERK, *(Lend(copy_id=f"D-{n}") for n in range(4)))


async def test_chain_covers_every_stored_byte(engine: Engine) -> None:
    for n in range(5):
        await engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}"))

    previous = bytes(32)
    for envelope in await engine.store.events(0, events_max=10):
        previous = link(previous, envelope)
        assert envelope.chain_hash == previous


async def test_personal_fields_are_stored_sealed_and_read_in_the_clear(engine: Engine) -> None:
    await engine.handle("demo", CLERK, Issue(reader_id="R-1", name="Ada Sample"))
    (stored,) = await engine.store.events(0, events_max=10)
    ((_, opened),) = await engine.opened([stored])

    assert b"Sample" not in stored.data
    assert isinstance(opened, CardIssued)
    assert opened.card_name == "Ada Sample"


async def test_name_has_one_holder_however_many_ask_at_once(engine: Engine) -> None:
    asked = [engine.handle("demo", CLERK, Issue(reader_id=f"R-{n}", name="Ada")) for n in range(50)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    losers = [each for each in answers if isinstance(each, NameTaken)]

    assert len(losers) == 49
    assert {each.stream for each in losers} == {"card-R-0"}
    assert (await engine.store.head()).position == 1


async def test_name_of_another_tenant_is_free(engine: Engine) -> None:
    await engine.handle("demo", CLERK, Issue(reader_id="R-1", name="Ada"))
    other = await engine.handle("other", CLERK, Issue(reader_id="R-1", name="Ada"))

    assert other.version == 1


async def test_repeat_with_a_key_gets_the_stored_answer(engine: Engine) -> None:
    key = Idempotency(route="POST /loans", key="k-1", body_hmac="h")
    first = await engine.handle("demo", CLERK, Lend(copy_id="C-1"), idempotency=key)
    await engine.handle("demo", CLERK, Return(copy_id="C-1"))
    again = await engine.handle("demo", CLERK, Lend(copy_id="C-1"), idempotency=key)

    assert (first.version, again.version, again.added) == (1, 1, 0)
    other = Idempotency(route="POST /loans", key="k-1", body_hmac="other")
    with pytest.raises(IdempotencyKeyReused):
        await engine.handle("demo", CLERK, Lend(copy_id="C-2"), idempotency=other)


async def test_repeat_is_told_with_what_status_the_first_was_answered(engine: Engine) -> None:
    key = Idempotency(route="POST /loans", key="k-1", body_hmac="h", status=201)
    first = await engine.handle("demo", CLERK, Lend(copy_id="C-1"), idempotency=key)
    again = await engine.handle(
        "demo", CLERK, Lend(copy_id="C-1"), idempotency=Idempotency(route="POST /loans", key="k-1", body_hmac="h")
    )

    assert (first.status, again.status) == (0, 201)


async def test_answer_is_kept_until_it_is_old(engine: Engine) -> None:
    keys = [Idempotency(route="POST /loans", key=f"k-{n}", body_hmac="h") for n in range(5)]
    for n, key in enumerate(keys):
        await engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}"), idempotency=key)
    kept = await engine.store.forget_answers(now() - timedelta(days=1), rows_max=10)
    some = await engine.store.forget_answers(now() + timedelta(days=1), rows_max=3)
    rest = await engine.store.forget_answers(now() + timedelta(days=1), rows_max=3)

    assert (kept, some, rest) == (0, 3, 2)
    with pytest.raises(AlreadyLent):
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"), idempotency=keys[1])


async def test_facts_up_to_a_head_are_told_by_the_store_that_has_it_alone(engine: Engine) -> None:
    for n in range(4):
        await engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}"))
    head = await engine.store.head()
    found = await engine.store.facts_between(head, 1, 3, ["CopyLent"])

    assert [(each.position, each.type) for each in found] == [(2, "CopyLent"), (3, "CopyLent")]
    assert await engine.store.facts_between(head, 1, 3, ["CopyReturned"]) == []
    with pytest.raises(StoreUnavailable):
        await engine.store.facts_between(dataclasses.replace(head, chain_hash=bytes(32)), 1, 3, ["CopyLent"])
    with pytest.raises(StoreUnavailable):
        await engine.store.facts_between(dataclasses.replace(head, position=5), 1, 3, ["CopyLent"])


async def test_version_of_a_stream_is_told_now_and_as_of_an_instant(engine: Engine) -> None:
    await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
    then = (await engine.store.head()).recorded_at
    await engine.handle("demo", CLERK, Return(copy_id="C-1"))
    ask = partial(engine.store.version, "demo")

    assert [await ask("copy-C-1"), await ask("copy-C-1", until=then), await ask("copy-C-9")] == [2, 1, 0]
    assert await ask("copy-C-1", until=then - timedelta(days=1)) == 0
    assert await engine.store.version("other", "copy-C-1") == 0


async def test_twins_in_one_batch_have_one_effect(engine: Engine) -> None:
    key = Idempotency(route="POST /loans", key="k-1", body_hmac="h")
    twins = await asyncio.gather(
        *(engine.handle("demo", CLERK, Lend(copy_id="C-1"), idempotency=key) for _ in range(5))
    )

    assert {each.version for each in twins} == {1}
    assert (await engine.store.head()).position == 1


async def test_refusal_leaves_no_key(engine: Engine) -> None:
    key = Idempotency(route="POST /loans", key="k-1", body_hmac="h")
    await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
    with pytest.raises(AlreadyLent):
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"), idempotency=key)
    await engine.handle("demo", CLERK, Return(copy_id="C-1"))
    later = await engine.handle("demo", CLERK, Lend(copy_id="C-1"), idempotency=key)

    assert later.version == 3


async def test_stale_version_is_refused(engine: Engine) -> None:
    await engine.handle("demo", CLERK, Lend(copy_id="C-1"))

    with pytest.raises(VersionDiffers):
        await engine.handle("demo", CLERK, Return(copy_id="C-1"), expected_version=0)
    assert (await engine.handle("demo", CLERK, Return(copy_id="C-1"), expected_version=1)).version == 2


@pytest.mark.parametrize(
    ("bad", "error"),
    [(Lend(copy_id="B", title="a\x00b"), UnstorableText), (Lend(copy_id="B", pages=2**63), Unstorable)],
    ids=["NUL in a text", "number beyond 64 bits"],
)
async def test_unstorable_value_fails_its_command_alone(engine: Engine, bad: Lend, error: type[Exception]) -> None:
    commands = [bad if n == 7 else Lend(copy_id=f"C-{n}") for n in range(20)]
    answers = await asyncio.gather(
        *(engine.handle("demo", CLERK, command) for command in commands), return_exceptions=True
    )

    assert [n for n, each in enumerate(answers) if isinstance(each, error)] == [7]
    assert (await engine.store.head()).position == 19


async def test_read_model_answers_up_to_a_value(engine: Engine) -> None:
    for times in (1, 2, 3):
        for _ in range(times):
            await engine.handle("demo", CLERK, Lend(copy_id=f"C-{times}"))
            await engine.handle("demo", CLERK, Return(copy_id=f"C-{times}"))

    page = await engine.page(SHELVES, "demo", where={"times": AtMost(2), "away": False})
    counts = await engine.counts(SHELVES, "demo", by="away", where={"times": AtMost(2)})

    assert [row.copy_id for row in page.items] == ["C-1", "C-2"]
    assert list(counts.values()) == [2]


async def test_read_model_answers_by_filter_and_page(engine: Engine) -> None:
    for n in range(5):
        await engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}"))
    await engine.handle("demo", CLERK, Return(copy_id="C-1"))
    first = await engine.page(SHELVES, "demo", where={"away": True}, page_size=3)
    second = await engine.page(SHELVES, "demo", where={"away": True}, after=first.next, page_size=3)
    counts = await engine.counts(SHELVES, "demo", by="away")

    assert [row.copy_id for row in (*first.items, *second.items)] == ["C-0", "C-2", "C-3", "C-4"]
    assert second.next is None
    assert sorted(counts.values()) == [1, 4]
    assert (await engine.page(SHELVES, "other")).items == ()


async def test_page_has_a_row_at_least_so_that_the_next_one_leaves_none_out(engine: Engine) -> None:
    for n in range(3):
        await engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}"))
    first = await engine.page(SHELVES, "demo", page_size=0)
    rest = await engine.page(SHELVES, "demo", after=first.next, page_size=3)

    assert [row.copy_id for row in (*first.items, *rest.items)] == ["C-0", "C-1", "C-2"]
    assert (await engine.page(SHELVES, "demo", page_size=-1)).items == first.items


async def test_rows_are_found_by_key_together(engine: Engine) -> None:
    for copy_id in ("C-1", "C-2"):
        await engine.handle("demo", CLERK, Lend(copy_id=copy_id))
    found = await engine.store.rows_by_key(SHELVES, "demo", ["C-1", "C-2", "C-3"])
    others = await engine.store.rows_by_key(SHELVES, "other", ["C-1"])

    assert {key: row.copy_id for key, row in found.items()} == {"C-1": "C-1", "C-2": "C-2"}
    assert not others


async def test_the_rows_of_a_key_come_by_tenant(engine: Engine) -> None:
    for tenant_id in ("demo", "other"):
        await engine.handle(tenant_id, CLERK, Lend(copy_id="C-1"))
    await engine.handle("third", CLERK, Lend(copy_id="C-2"))

    found = await engine.store.rows_of_tenants(SHELVES, "C-1")
    none = await engine.store.rows_of_tenants(SHELVES, "C-9")

    assert {tenant_id: row.copy_id for tenant_id, row in found.items()} == {"demo": "C-1", "other": "C-1"}
    assert none == {}


async def test_record_folds_reacts_and_moves_its_checkpoint_together(engine: Engine) -> None:
    record = consumed(payer("Example"), 0, NOTHING_READ)
    results = await engine.consume([record])
    stored = await engine.store.events(0, events_max=10)

    assert results == [None]
    assert (await engine.row(DONORS, "demo", "P-1")).name == "Example"  # type: ignore[union-attr]
    assert [(each.type, each.causation_id) for each in stored] == [("CopyLent", record.envelope.event_id)]  # type: ignore[union-attr]
    assert (await engine.store.checkpoint(PLACE)).next_offset == 1


async def test_record_that_was_read_from_an_old_checkpoint_is_fenced(engine: Engine) -> None:
    await engine.consume([consumed(payer("Example"), 0, NOTHING_READ)])

    zombie = await engine.consume(
        [consumed(payer("Example"), 0, NOTHING_READ), consumed(payer("B", "P-2"), 1, NOTHING_READ)]
    )

    assert [type(each) for each in zombie] == [Fenced, Fenced]
    assert (await engine.store.head()).position == 1


async def test_reaction_is_done_once_even_when_its_checkpoint_was_lost(engine: Engine) -> None:
    record = consumed(payer("Example"), 0, NOTHING_READ)
    await engine.consume([record])
    again = Consumed(
        place=("other.topic", 0),
        offset=0,
        read_from=NOTHING_READ,
        moved=record.moved,
        envelope=record.envelope,
        event=record.event,
    )

    assert await engine.consume([again]) == [None]
    assert (await engine.store.head()).position == 1


async def test_checkpoint_of_an_effect_does_not_go_back(engine: Engine) -> None:
    place = ("effect:tell", 0)
    moved = await engine.move(place, await engine.move(place, NOTHING_READ, 1), 2)
    with pytest.raises(Fenced):
        await engine.move(place, NOTHING_READ, 1)

    assert moved == await engine.store.checkpoint(place)
    assert moved.position == 2


async def test_poison_parks_its_key_and_later_records_of_it_wait(engine: Engine) -> None:
    first = consumed(payer("poison"), 0, NOTHING_READ)
    second = consumed(payer("Example"), 1, first.moved)
    third = consumed(payer("Example", "P-2"), 2, second.moved)
    results = await engine.consume([first, second, third])
    parked = await engine.store.parked("demo", rows_max=10)
    types = [each.type for each in await engine.store.events(0, events_max=10)]

    assert results == [None, None, None]
    assert [(each.key, each.offset, each.cause) for each in parked] == [
        ("P-1", 0, "ValueError"),
        ("P-1", 1, "waits-behind-its-key"),
    ]
    assert types == ["KeyParked", "KeyParked", "CopyLent"]
    assert (await engine.store.checkpoint(PLACE)).next_offset == 3


async def read_again(engine: Engine, record: Consumed) -> None:
    """Hand a record over as if it was read again, from a checkpoint that a restore put back."""
    checkpoint = await engine.store.checkpoint(PLACE)

    assert await engine.consume([replace(record, read_from=checkpoint, moved=checkpoint)]) == [None]


async def test_record_before_a_parked_one_of_its_key_waits_for_nothing(engine: Engine) -> None:
    first = consumed(payer("Example"), 0, NOTHING_READ)
    second = consumed(payer("poison"), 1, first.moved)
    await engine.consume([first, second])
    await read_again(engine, first)
    await read_again(engine, second)

    assert [each.offset for each in await engine.store.parked("demo", rows_max=10)] == [1]
    assert [each.type for each in await engine.store.events(0, events_max=10)] == ["CopyLent", "KeyParked"]


async def test_discarded_record_that_is_read_again_is_not_handled_after_all(engine: Engine) -> None:
    first = consumed(payer("poison"), 0, NOTHING_READ)
    await engine.consume([first])
    (row,) = await engine.store.parked("demo", rows_max=9)
    await discard(engine, row, reason="test-record", by=CLERK)
    mended = replace(first, event=payer("Example"))
    await read_again(engine, mended)
    others = consumed(payer("Example"), 1, first.moved)
    await engine.consume([others])

    assert [each.type for each in await engine.store.events(0, events_max=10)] == [
        "KeyParked",
        "RecordDiscarded",
        "CopyLent",
    ]
    assert not await engine.store.parked("demo", rows_max=10)


async def test_discard_that_comes_twice_gives_up_one_record(engine: Engine) -> None:
    first = consumed(payer("poison"), 0, NOTHING_READ)
    await engine.consume([first, consumed(payer("Example"), 1, first.moved)])
    oldest, behind = await engine.store.parked("demo", rows_max=9)
    twice = [discard(engine, oldest, reason="test-record", by=CLERK) for _ in range(2)]
    results = await asyncio.gather(*twice, return_exceptions=True)

    assert [type(each) for each in results] == [type(None), NotTheOldest]
    assert await engine.store.parked("demo", rows_max=9) == [behind]


async def test_record_that_is_read_again_after_its_release_may_park_again(engine: Engine) -> None:
    first = consumed(payer("poison"), 0, NOTHING_READ)
    await engine.consume([first])
    (row,) = await engine.store.parked("demo", rows_max=1)
    released = replace(first, event=payer("Example"), released=row, by=CLERK)

    assert await engine.consume([released]) == [None]

    await read_again(engine, first)
    types = [each.type for each in await engine.store.events(0, events_max=10)]

    assert types == ["KeyParked", "CopyLent", "KeyReleased", "KeyParked"]
    assert [each.offset for each in await engine.store.parked("demo", rows_max=10)] == [0]


@pytest.mark.parametrize(
    ("name", "pages", "cause"),
    [("a\x00b", 90, "unstorable-text"), ("Example", 2**63, "unstorable-value")],
    ids=["NUL in a text", "number beyond 64 bits"],
)
async def test_unstorable_value_parks_its_record_alone(engine: Engine, name: str, pages: int, cause: str) -> None:
    bad = consumed(payer(name, pages=pages), 0, NOTHING_READ)
    good = consumed(payer("Example", "P-2"), 1, bad.moved)

    assert await engine.consume([bad, good]) == [None, None]
    assert [each.cause for each in await engine.store.parked("demo", rows_max=10)] == [cause]
    assert await engine.row(DONORS, "demo", "P-2") is not None


async def test_own_fact_leads_to_commands_once(engine: Engine) -> None:
    await engine.handle("demo", CLERK, Lend(copy_id="C-1", title="comes back"))
    ((envelope, event),) = await engine.opened(await engine.store.events(0, events_max=1))
    moved = Checkpoint(next_offset=1, store_id="", incarnation=0, position=1)
    record = Consumed(place=OWN, offset=1, read_from=NOTHING_READ, moved=moved, envelope=envelope, event=event)

    assert await engine.consume([record]) == [None]
    assert (await engine.row(SHELVES, "demo", "C-1")).away is False  # type: ignore[union-attr]


async def test_repeat_gets_the_stored_token(engine: Engine) -> None:
    engine.wiring.public = frozenset({"CopyLent"})
    key = Idempotency(route="POST /loans", key="k-1", body_hmac="h")
    first = await engine.handle("demo", CLERK, Lend(copy_id="C-1"), idempotency=key)
    await engine.handle("demo", CLERK, Lend(copy_id="C-2"))
    again = await engine.handle("demo", CLERK, Lend(copy_id="C-1"), idempotency=key)

    assert again.token == first.token != ""


async def test_tells_how_far_facts_are_applied_and_in_which_ranges_one_is_parked(engine: Engine) -> None:
    first = consumed(payer("poison"), 0, NOTHING_READ)
    second = consumed(payer("Example", "P-2"), 1, first.moved)
    await engine.consume([first, second])
    await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
    head = await engine.store.head()
    sought = [
        Sought("demo", PLACE, 2, 9),
        Sought("demo", PLACE, 1, 1),
        Sought("other", PLACE, 1, 1),
        Sought("demo", (PLACE[0], 1), 1, 1),
        Sought("demo", OWN, 1, 1),
    ]
    applied = await engine.store.applied(sought, ["rm_shelves_v1"])

    assert applied.parked == {1}
    assert (PLACE[0], 1) not in applied.checkpoints
    assert _standing(applied.checkpoints[PLACE]) == ("s", 1, 2)
    assert _standing(applied.checkpoints[OWN]) == (head.store_id, 1, head.position)


async def test_own_facts_are_applied_as_far_as_the_last_own_read_model_is(engine: Engine) -> None:
    await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
    async with engine.store.locked() as tx:
        await tx.write(Batch(projected={"rm_late_v1": 0}))
    late = await engine.store.applied([], ["rm_shelves_v1", "rm_late_v1"])
    whole = await engine.store.applied([], ["rm_shelves_v1"])

    assert (late.checkpoints[OWN].position, whole.checkpoints[OWN].position) == (0, 1)


def _standing(checkpoint: Checkpoint) -> tuple[str, int, int]:
    return checkpoint.store_id, checkpoint.incarnation, checkpoint.position


async def test_counts_numbers_and_attempts_go_up(engine: Engine) -> None:
    numbers = [await engine.store.number("demo", "isa") for _ in range(3)]
    attempts = [await engine.store.attempt(PLACE) for _ in range(2)]

    assert numbers == [1, 2, 3]
    assert attempts == [1, 2]


async def test_streams_are_told_up_to_an_instant(engine: Engine) -> None:
    await engine.handle("demo", CLERK, Lend(copy_id="C-1"), Lend(copy_id="C-2"))
    then = (await engine.store.head()).recorded_at
    await engine.handle("demo", CLERK, Return(copy_id="C-1"))
    await engine.handle("other", CLERK, Lend(copy_id="C-1"))

    async def told(until: datetime | None, events_max: int = 10) -> list[tuple[int, str]]:
        found = await engine.store.history("demo", ["copy-C-1", "copy-C-2"], until=until, events_max=events_max)
        return [(each.position, each.stream) for each in found]

    assert await told(then) == [(1, "copy-C-1"), (2, "copy-C-2")]
    assert await told(None) == [(1, "copy-C-1"), (2, "copy-C-2"), (3, "copy-C-1")]
    assert len(await told(None, events_max=1)) == 1
    assert await told(then - timedelta(microseconds=1)) == []


async def test_time_of_a_fact_is_when_it_was_written_whenever_its_cause_was(engine: Engine) -> None:
    started = now()
    await engine.handle("demo", CLERK, Lend(copy_id="C-1"), at=started - timedelta(days=1))
    (stored,) = await engine.store.events(0, events_max=10)

    assert stored.occurred_at == started - timedelta(days=1)
    assert started <= stored.recorded_at <= now()


def operation() -> Operation:
    return Operation(
        operation_id=new_id(),
        tenant_id="demo",
        kind="bulk",
        subject="POST /v1/loans",
        actor=CLERK,
        correlation_id=new_id(),
        created_at=now(),
        total=9,
    )


async def test_operations_have_their_turn_in_the_order_in_which_they_began(engine: Engine) -> None:
    operations = engine.store.operations
    first, ended, last = [operation() for _ in range(3)]
    for each in (last, ended, first):
        await operations.add(each)
    await operations.change(replace(ended, state="succeeded", ended_at=now()))

    assert await operations.next_running() == first
    assert await operations.next_running(first.operation_id) == last
    assert await operations.next_running(last.operation_id) is None


async def test_lines_that_broke_off_are_forgotten_before_operations_that_ended(engine: Engine) -> None:
    operations, day = engine.store.operations, timedelta(days=1)
    broken_off, ended, running = new_id(), operation(), operation()
    for each in (broken_off, ended.operation_id, running.operation_id):
        await operations.add_part(each, 0, b"sealed")
    for begun in (ended, running):
        await operations.add(begun)
    await operations.change(replace(ended, state="succeeded", ended_at=now()))

    async def kept() -> list[bool]:
        ids = (broken_off, ended.operation_id, running.operation_id)
        return [await operations.part(each, "sent", 0) is not None for each in ids]

    counts, left = [], []
    for ended_before, sent_before in ((-day, -day), (-day, day), (day, day)):
        at = now()
        counts.append(await operations.forget(ended_before=at + ended_before, sent_before=at + sent_before))
        left.append(await kept())

    assert counts == [0, 0, 1]
    assert left == [[True, True, True], [False, True, True], [False, False, True]]


async def test_an_operation_is_cancelled_as_far_as_it_is_by_then(engine: Engine) -> None:
    operations, at, begun = engine.store.operations, now(), operation()
    await operations.add(begun)
    await operations.change(replace(begun, done=3, worked=1), result=b"sealed")
    of_another = await operations.cancel("another", begun.operation_id, at)
    first, again = [await operations.cancel("demo", begun.operation_id, at) for _ in range(2)]
    ended = await operations.find("demo", begun.operation_id)

    assert (of_another, first, again) == (False, True, False)
    assert ended == replace(begun, done=3, worked=1, state="cancelled", ended_at=at)
    assert await operations.part(begun.operation_id, "result", 0) == b"sealed"
    assert not await operations.change(replace(begun, done=6, worked=2))
