"""A table of codes that comes after its edition: what was scrubbed without it gets its turn once it can be read."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from msgspec import structs

from services.validation.domain.backlog import TURN_ENCOUNTERS_MAX
from services.validation.domain.table_pass import EndTablePass, TableTurnTaken, TakeTableTurn
from services.validation.effects import SETTLED_AFTER, take_tables
from services.validation.main import service
from services.validation.projections.scrubs import STANDINGS
from services.validation.settings import Settings
from shared.codesets.loaders import add_ons as add_on_files
from shared.codesets.official import Built, Member, Stated
from shared.events.coding import CodeSetEditionLoaded
from shared.events.envelope import Actor, Event
from shared.events.validation import CodesValidated
from shared.runtime.acting import OfTenant
from shared.runtime.engine import Engine
from shared.runtime.tables import CodeTables, LoadedTable
from tests.support.histories import retold
from tests.support.memory import TENANT, Running, running
from tests.unit.validation.driver import TABLES
from tests.unit.validation.samples import (
    BILLING,
    CODED_LINE,
    COVERAGE,
    ENCOUNTER,
    NOW,
    PATIENT,
    PAYER,
    REJECTED,
    RENDERING,
    SUBMITTED,
    assigned,
    visit_and_codes,
)

REGISTERED = (PATIENT, COVERAGE, PAYER, RENDERING, BILLING)
SERVICE = Actor(kind="service", id="validation/take_tables")
HEADINGS = (
    "Primary_Code\tAdd-On_Code\tAOC_Edit_Type\tSpecial_Instruction_Notes\tAOC_Del_Dt\tPrimary_Code_Del_Dt"
    "\tAOC_Edit_Eff_Dt\tAOC_Edit_Del_Dt\r\n"
)
ALONE = assigned("E119", "I10", lines=(structs.replace(CODED_LINE, procedure_code="99292"),))
"""An add-on service without the one that it belongs to."""


def table(first: date = date(2026, 1, 1), last: date | None = None) -> Built:
    """Return add-on codes of some days: 99292 stands beside 99291 only."""
    content = f"{HEADINGS}99291\t99292\t1\t\t\t\t2013001\t\r\n".encode("latin-1").splitlines(keepends=True)
    stated = Stated(release=f"from {first}", effective_from=first, effective_to=last)
    return add_on_files.build([Member(name="AOC_V2026Q1-MCR.txt", lines=content)], stated)


def loaded(built: Built) -> CodeSetEditionLoaded:
    return CodeSetEditionLoaded(
        system=built.edition.system,
        release=built.edition.release,
        effective_from_on=built.edition.effective_from,
        effective_to_on=built.edition.effective_to,
        sha256=built.edition.sha256,
        source=built.edition.source,
        licence_acknowledged=None,
        loaded_at=NOW,
        is_starter=False,
        packed_sha256="0" * 64,
    )


@dataclass(slots=True)
class Validation:
    """Validation and its timer, by a clock of its own."""

    svc: Running
    at: datetime = NOW

    @property
    def tables(self) -> CodeTables:
        """Return the tables of the process."""
        tables = self.svc.engine.service.resources[CodeTables]
        assert isinstance(tables, CodeTables)
        return tables

    def bring(self, built: Built) -> None:
        """Have the table here, as the task that fetches tables does."""
        self.tables.keep(
            LoadedTable(system=built.edition.system, sha256=built.edition.sha256, packed_sha256="0" * 64), built.table
        )

    async def look(self) -> list[object]:
        """Let the timer look once, and return the facts that came of it."""
        before = len(await self.svc.facts())
        async for works in take_tables(self.tables).due(_Asked(self.svc.engine, self)):
            for work in works:
                await self.svc.engine.handle(TENANT, SERVICE, *work.commands, at=self.at)
        await self.svc.settle()
        return list((await self.svc.facts())[before:])

    async def status(self, encounter_id: str = "EN-1") -> str:
        """Return how a scrub stands."""
        row = await self.svc.engine.row(STANDINGS, TENANT, encounter_id)
        assert row is not None
        return row.status


class _Asked(OfTenant):
    def __init__(self, engine: Engine, validation: Validation) -> None:
        super().__init__(engine, TENANT)
        self._validation = validation

    def now(self) -> datetime:
        return self._validation.at


@pytest.fixture
async def validation() -> AsyncIterator[Validation]:
    async with running(service(Settings(), TABLES), clock=lambda: NOW) as started:
        await started.deliver(*REGISTERED, at=NOW)
        yield Validation(started)


def kinds(facts: Sequence[object]) -> list[str]:
    return [type(fact).__name__ for fact in facts]


async def test_waits_for_the_table_and_not_for_its_edition(validation: Validation) -> None:
    built = table()
    await validation.svc.deliver(ENCOUNTER, ALONE, loaded(built), at=NOW)

    before = await validation.look()
    validation.bring(built)
    after = await validation.look()

    assert before == []
    assert kinds(after) == ["TableTurnTaken", "TablePassEnded", "FindingRaised", "CodesRejected"]
    assert isinstance(after[0], TableTurnTaken)
    assert (after[0].system, after[0].encounter_ids) == ("add_ons", ("EN-1",))
    assert await validation.status() == "rejected"
    assert await retold(validation.svc.engine) == {"scrubs": 1}


async def test_looks_once_more_as_whoever_reacted_may_not_have_had_the_table(validation: Validation) -> None:
    built = table()
    await validation.svc.deliver(ENCOUNTER, ALONE, loaded(built), at=NOW)
    system, sha256 = built.edition.system, built.edition.sha256
    turn = TakeTableTurn(system=system, sha256=sha256, encounter_ids=("EN-1",), now=NOW)
    await validation.svc.engine.handle(TENANT, SERVICE, turn, at=NOW)
    await validation.svc.engine.handle(
        TENANT, SERVICE, EndTablePass(system=system, sha256=sha256, pass_no=1, now=NOW), at=NOW
    )
    await validation.svc.settle()
    without = await validation.status()
    validation.bring(built)

    too_soon = await validation.look()
    validation.at += SETTLED_AFTER
    second = await validation.look()
    validation.at += timedelta(days=1)

    assert (without, too_soon) == ("validated", [])
    assert kinds(second) == ["TableTurnTaken", "TablePassEnded", "FindingRaised", "CodesRejected"]
    assert await validation.look() == []


@pytest.mark.parametrize(
    ("first", "last", "again"),
    [
        (date(2026, 3, 3), date(2026, 3, 3), True),
        (date(2026, 3, 4), None, False),
        (date(2026, 1, 1), date(2026, 3, 2), False),
    ],
    ids=["the day", "later", "before"],
)
async def test_an_edition_of_other_days_gives_nobody_a_turn(
    validation: Validation, first: date, last: date | None, *, again: bool
) -> None:
    built = table(first, last)
    await validation.svc.deliver(ENCOUNTER, ALONE, loaded(built), at=NOW)
    validation.bring(built)

    facts = await validation.look()

    assert ("TableTurnTaken" in kinds(facts)) is again
    assert (await validation.status() == "rejected") is again


@pytest.mark.parametrize(
    ("claims", "again"), [((SUBMITTED,), False), ((SUBMITTED, REJECTED), True)], ids=["sent", "sent back"]
)
async def test_leaves_alone_what_a_payer_has(validation: Validation, claims: tuple[Event, ...], *, again: bool) -> None:
    built = table()
    await validation.svc.deliver(ENCOUNTER, ALONE, *claims, loaded(built), at=NOW)
    validation.bring(built)

    await validation.look()

    assert (await validation.status() == "rejected") is again


async def test_what_a_payer_got_after_the_turn_was_given_is_left_alone(validation: Validation) -> None:
    built = table()
    await validation.svc.deliver(ENCOUNTER, ALONE, loaded(built), SUBMITTED, at=NOW)
    validation.bring(built)
    turn = TakeTableTurn(system="add_ons", sha256=built.edition.sha256, encounter_ids=("EN-1",), now=NOW)
    await validation.svc.engine.handle(TENANT, SERVICE, turn, at=NOW)

    await validation.svc.settle()

    assert await validation.status() == "validated"


async def test_many_encounters_have_their_turns(validation: Validation) -> None:
    many = 2 * TURN_ENCOUNTERS_MAX + 1
    for number in range(many):
        await validation.svc.deliver(*visit_and_codes(number), at=NOW)
    built = table()
    await validation.svc.deliver(loaded(built), at=NOW)
    validation.bring(built)

    facts = await validation.look()

    turns = [len(fact.encounter_ids) for fact in facts if isinstance(fact, TableTurnTaken)]
    assert turns == [TURN_ENCOUNTERS_MAX, TURN_ENCOUNTERS_MAX, 1]
    scrubbed = [fact for fact in facts if isinstance(fact, CodesValidated)]
    assert len(scrubbed) == many
    assert all("add_ons" not in {each.missing_table for each in fact.findings} for fact in scrubbed)
