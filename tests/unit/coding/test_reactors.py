"""`services/coding/reactors.py`: which command signed documentation becomes."""

from datetime import UTC, datetime

from services.coding.domain.coding_case import CODING_CASES, CodeAsDocumented
from services.coding.domain.coding_rule import read
from services.coding.projections.loaded_tables import LOADED_TABLES
from services.coding.reactors import reactions
from shared.kernel.reaction import Rows
from shared.runtime.tables import EVERYTHING
from tests.unit.coding.documentation import VISIT
from tests.unit.coding.tables import ICD10CM, TABLES

ROWS = Rows({("loaded_tables", "all"): None}, datetime(2026, 3, 3, 20, tzinfo=UTC))


def test_reads_documentation_by_rule_over_what_is_in_force() -> None:
    (reaction,) = reactions(lambda _: TABLES)

    assert (reaction.actor, dict(reaction.needs(VISIT, ROWS))) == ("rule", {LOADED_TABLES: (EVERYTHING,)})
    assert reaction.react(VISIT, ROWS) == (
        CodeAsDocumented(
            encounter_id="e-1",
            patient_id="p-1",
            service_from_on=VISIT.service_from_on,
            reading=read(VISIT, ICD10CM),
            now=ROWS.now,
        ),
    )


def test_leads_to_the_same_facts_however_often_it_runs() -> None:
    (reaction,) = reactions(lambda _: TABLES)
    (command,) = reaction.react(VISIT, ROWS)
    assert isinstance(command, CodeAsDocumented)
    facts = CODING_CASES.outcome(given=(), when=command)

    assert len(facts) == 1
    assert CODING_CASES.outcome(given=facts, when=command) == ()
