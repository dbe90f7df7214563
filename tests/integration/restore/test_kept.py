"""What a lost store has again once it is restored: names, parking, what was given up; and what it says it lacks."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import pytest
from msgspec import Meta

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Event
from shared.kernel.decider import Decider
from shared.runtime.consumer import Consumer
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.failpoints import Failed
from shared.runtime.files import File
from shared.runtime.progress import silent
from shared.runtime.relay import Relay
from shared.runtime.releasing import discard, release
from shared.runtime.restore import restore
from shared.runtime.unit import NameTaken
from tests.support.databases import fresh_database
from tests.support.donating import Donate
from tests.support.engines import beside, engine_at_rest, engine_over, until
from tests.support.lending import DONORS, CopyLent, Donor, Issue, Lend
from tests.support.restoring import CLERK, PARTITIONS, Line, failing_at

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.parametrize("log", ["postgres", "kafka"], indirect=True),
]


async def all_out(line: Line, engine: Engine) -> None:
    async def out() -> bool:
        return (await engine.store.relayed())[0] == (await engine.store.head()).position

    async with beside(Relay(engine, line.log).run()):
        await until(out)


async def read(line: Line, lender: Engine, *, up_to: int) -> None:
    """Consume until the giver's facts up to a position are done with."""
    places = [(f"{line.prefix}.registration", n) for n in range(PARTITIONS)]

    async def done() -> bool:
        read = [await lender.store.checkpoint(place) for place in places]
        last = [await line.log.last(place) for place in places]
        is_whole = all(each is None or at.next_offset > each.offset for at, each in zip(read, last, strict=True))
        return is_whole and max(at.position for at in read) >= up_to

    async with beside(Consumer(lender, line.log).run(places)):
        await until(done)


async def test_names_are_reserved_also_after_their_key_was_destroyed(
    line: Line, database_server: DatabaseServer
) -> None:
    service = line.service("lending")
    async with engine_over(service, line.urls["lending"], keys=line.keys) as lender:
        await lender.handle("demo", CLERK, Issue(reader_id="R-1", name="Ada"))
        await lender.handle("demo", CLERK, Issue(reader_id="R-2", name="Bob"))
        await all_out(line, lender)
    await line.keys.destroy("demo", "R-1")
    line.urls["lending"] = await fresh_database(database_server)
    await line.restored("lending")
    async with engine_over(line.service("lending"), line.urls["lending"], keys=line.keys) as lender:
        for name, holder in (("Ada", "card-R-1"), ("Bob", "card-R-2")):
            with pytest.raises(NameTaken) as taken:
                await lender.handle("demo", CLERK, Issue(reader_id="R-3", name=name))

            assert taken.value.stream == holder


def mended(service: Service) -> Service:
    """Return the service after the defect in its read model was found."""
    donors = replace(DONORS, apply=lambda _, event: Donor(event.payer_id, event.payer_name))
    reactions = tuple(each for each in service.reactions if each.name != "lend_to_donor")
    return replace(
        service,
        projections=tuple(donors if each is DONORS else each for each in service.projections),
        reactions=reactions,
    )


async def test_parked_records_wait_and_discarded_ones_are_not_handled_after_all(
    line: Line, database_server: DatabaseServer
) -> None:
    async with engine_over(line.service("registration"), line.urls["registration"]) as giver:
        await giver.handle("demo", CLERK, Donate(donor_id="early"))
        await giver.handle("demo", CLERK, Donate(donor_id="early", name="poison"))
        await giver.handle("demo", CLERK, Donate(donor_id="given-up", name="poison"))
        await giver.handle("demo", CLERK, Donate(donor_id="good"))
        await all_out(line, giver)
    async with engine_over(line.service("lending"), line.urls["lending"]) as lender:
        await read(line, lender, up_to=4)
        (row,) = await lender.store.parked("demo", key="given-up", rows_max=9)
        await discard(lender, row, reason="test-record", by=CLERK)
        before = await lender.store.parked(None, rows_max=10)
        await all_out(line, lender)
    line.urls["lending"] = await fresh_database(database_server)
    await line.restored("lending")
    async with engine_over(mended(line.service("lending")), line.urls["lending"]) as lender:
        after = await lender.store.parked(None, rows_max=10)
        await read(line, lender, up_to=4)
        given_up = await lender.row(DONORS, "demo", "given-up")
        early = await lender.row(DONORS, "demo", "early")
        waiting = await lender.store.parked(None, rows_max=10)
        released = await release(lender, line.log, "demo", "early", by=CLERK)
        late = await lender.row(DONORS, "demo", "early")

    assert [(each.key, each.cause) for each in before] == [("early", "ValueError")]
    assert after == before
    assert waiting == before
    assert given_up is None
    assert early == Donor("early", "Example")
    assert released == 1
    assert late == Donor("early", "poison")


class NoteKept(Event, frozen=True, kw_only=True):
    """A note was kept."""

    key: ClassVar[str] = "note_id"
    note_id: Annotated[str, Meta(description="Note.", examples=["N-1"])]
    file_sha256: Annotated[str, Meta(description="Its text.", examples=["0" * 64])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Keep a note."""

    note_id: str
    file_sha256: str


NOTES: Decider[None, Keep, NoteKept] = Decider(
    commands=(Keep,),
    events=(NoteKept,),
    stream=lambda command: f"note-{command.note_id}",
    initial=None,
    decide=lambda _, command: (NoteKept(note_id=command.note_id, file_sha256=command.file_sha256),),
    evolve=lambda _, __: None,
)


@pytest.mark.parametrize("is_interrupted", [False, True], ids=["at once", "in two runs"])
async def test_numbers_go_on_above_what_was_given_out_and_missing_files_are_listed(
    line: Line, database_server: DatabaseServer, monkeypatch: pytest.MonkeyPatch, *, is_interrupted: bool
) -> None:
    plain = line.service("lending")
    service = replace(
        plain,
        deciders=(*plain.deciders, NOTES),
        private_events=(*plain.private_events, NoteKept),
        numbered={CopyLent: lambda event: ("copies", event.pages)},
    )
    file = File(kind="note", content=b"synthetic")
    async with engine_over(service, line.urls["lending"]) as lender:
        await lender.handle("demo", CLERK, Lend(copy_id="C-1", pages=await lender.store.number("demo", "copies")))
        await lender.handle("demo", CLERK, Lend(copy_id="C-2", pages=await lender.store.number("demo", "copies")))
        await lender.store.number("demo", "others")  # no fact tells of it
        await lender.handle("demo", CLERK, Keep(note_id="N-1", file_sha256=file.sha256), files=(file,))
        await lender.handle("demo", CLERK, Issue(reader_id="R-1", name="Ada"))  # a second run has this alone to write
        await all_out(line, lender)
    url = await fresh_database(database_server)
    lost = replace(service, settings=service.settings.model_copy(update={"database_url": url, "flush_events_max": 3}))
    async with engine_at_rest(lost, url) as resting:
        if is_interrupted:
            with monkeypatch.context() as patch:
                patch.setattr("shared.runtime.restore.point", failing_at("restore.chunk"))
                with pytest.raises(Failed):
                    await restore(resting, line.log, silent, dry_run=False, accept_losses=False)
        report = await restore(resting, line.log, silent, dry_run=False, accept_losses=False)
        numbers = [await resting.store.number("demo", "copies"), await resting.store.number("demo", "others")]

    assert numbers == [1_003, 1]
    assert report.files_missing == (("demo", file.sha256),)
    assert any("number sequences" in each for each in report.not_on_topics)
