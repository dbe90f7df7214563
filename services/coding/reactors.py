"""Facts that make coding act: signed documentation is read by the automatic rule.

Nothing is decided here (the coding case does) and nothing is fetched: the fact says all, the tables are an argument.
"""

from collections.abc import Callable
from typing import Any

from services.coding.domain.coding_case import CodeAsDocumented
from services.coding.domain.coding_rule import read
from services.coding.domain.tables import diagnoses
from services.coding.projections.loaded_tables import LOADED_TABLES
from shared.codesets.library import Library
from shared.events.coding import EncounterDocumented
from shared.kernel.reaction import Needs, Reaction, Rows
from shared.runtime.tables import EVERYTHING, LoadedTables


def reactions(library_of: Callable[[LoadedTables | None], Library]) -> tuple[Reaction[Any], ...]:
    """Return the reactions of coding, which look codes up in what is in force."""

    def needs(_: EncounterDocumented, __: Rows) -> Needs:
        return {LOADED_TABLES: (EVERYTHING,)}

    def code_as_documented(event: EncounterDocumented, rows: Rows) -> tuple[CodeAsDocumented, ...]:
        """Return the command that keeps what the rule read; it changes nothing where somebody coded already."""
        library = library_of(rows.get(LOADED_TABLES, EVERYTHING))
        return (
            CodeAsDocumented(
                encounter_id=event.encounter_id,
                patient_id=event.patient_id,
                service_from_on=event.service_from_on,
                reading=read(event, diagnoses(library, event.service_from_on)),
                now=rows.now,
            ),
        )

    code: Reaction[EncounterDocumented] = Reaction(
        name="code_as_documented", on=EncounterDocumented, needs=needs, react=code_as_documented, actor="rule"
    )
    return (code,)
