"""What validation does by the clock: once a table of codes is here, what was scrubbed without it has its turns.

That an edition is in force is a fact, but its table comes later, by another way, and to each process for itself. So the
fact makes nobody scrub: the process that acts for the service looks whether it can read the table, and says whose turn
it is, which is a fact. A reaction takes the turn, with the rows of that moment; a replay only folds what was said. A
process that reacts may have the table some seconds later, so that all is looked at twice, `SETTLED_AFTER` apart.
Refuses: judging anything. Next: `domain/table_pass.py`, `reactors.py`.
"""

from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta
from typing import Final

from services.validation.domain.backlog import TURN_ENCOUNTERS_MAX
from services.validation.domain.table_pass import PASSES, EndTablePass, TakeTableTurn
from services.validation.projections.encounters import ENCOUNTERS
from services.validation.projections.gaps import GAPS
from services.validation.projections.loaded_tables import LOADED_TABLES
from services.validation.projections.submissions import SUBMISSIONS
from services.validation.projections.table_passes import TABLE_PASS_ROWS, TablePass
from shared.codesets.edition import Edition, Interval
from shared.runtime.effects import Outside, Round, Timer, Work
from shared.runtime.tables import EVERYTHING, CodeTables

EVERY_SECONDS: Final = 5
SETTLED_AFTER: Final = timedelta(minutes=5)
"""Time after which every process has a table that one of them has: each looks every two seconds."""
_LOOKED_AT_MAX: Final = 500


def take_tables(code_tables: CodeTables) -> Timer:
    """Return the timer that gives encounters their turn once a table is here."""

    async def due(outside: Outside) -> AsyncIterator[Round]:
        loaded = await outside.row(LOADED_TABLES, EVERYTHING)
        editions = [each for table in (loaded.tables if loaded else ()) if (each := code_tables.edition(table))]
        passes = await outside.rows_by_key(TABLE_PASS_ROWS, [edition.sha256 for edition in editions])
        for edition in editions:
            pass_no = _due(passes.get(edition.sha256), outside.now())
            if pass_no is None:
                continue
            async for encounter_ids in _turns(edition, outside):
                turn = TakeTableTurn(
                    system=edition.system, sha256=edition.sha256, encounter_ids=encounter_ids, now=outside.now()
                )
                yield (Work(commands=(turn,)),)
            end = EndTablePass(system=edition.system, sha256=edition.sha256, pass_no=pass_no, now=outside.now())
            yield (Work(commands=(end,)),)

    return Timer(name="take_tables", every_seconds=EVERY_SECONDS, due=due)


def _due(last: TablePass | None, now: datetime) -> int | None:
    """Return the pass to make, None where there is none to make now."""
    if last is None:
        return 1
    return last.pass_no + 1 if last.pass_no < PASSES and last.ended_at + SETTLED_AFTER <= now else None


async def _turns(edition: Edition, outside: Outside) -> AsyncIterator[tuple[str, ...]]:
    """Yield turns of encounters whose last scrub lacked the code set, on days of this edition."""
    turn: list[str] = []
    async for encounter_ids in _lacking(edition.system, outside):
        turn += await _scrubbed_again(encounter_ids, edition, outside)
        while len(turn) >= TURN_ENCOUNTERS_MAX:
            yield tuple(turn[:TURN_ENCOUNTERS_MAX])
            del turn[:TURN_ENCOUNTERS_MAX]
    if turn:
        yield tuple(turn)


async def _lacking(system: str, outside: Outside) -> AsyncIterator[list[str]]:
    found: list[str] = []
    async for gap in outside.every_row(GAPS, where={}):
        if system in gap.missing_tables:
            found.append(gap.encounter_id)
        if len(found) == _LOOKED_AT_MAX:
            yield found
            found = []
    if found:
        yield found


async def _scrubbed_again(encounter_ids: Collection[str], edition: Edition, outside: Outside) -> list[str]:
    """Return those that no payer has, and whose visit has a day of the edition."""
    visits = await outside.rows_by_key(ENCOUNTERS, encounter_ids)
    sent = await outside.rows_by_key(SUBMISSIONS, encounter_ids)
    return [
        each
        for each in encounter_ids
        if (visit := visits.get(each))
        and edition.covers.meets(Interval(visit.service_from_on, visit.service_to_on))
        and not (each in sent and sent[each].under_way)
    ]
