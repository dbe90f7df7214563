"""Facts that make coding act: signed documentation is read by the automatic rule.

Nothing is decided here (the coding case does) and nothing is fetched: the fact says all, the tables are an argument.
"""

from typing import Any

from services.coding.domain.coding_case import CodeAsDocumented
from services.coding.domain.coding_rule import read
from services.coding.domain.tables import Tables
from shared.events.coding import EncounterDocumented
from shared.kernel.reaction import Reaction, Rows


def reactions(tables: Tables) -> tuple[Reaction[Any], ...]:
    """Return the reactions of coding over the tables that are loaded."""

    def code_as_documented(event: EncounterDocumented, rows: Rows) -> tuple[CodeAsDocumented, ...]:
        """Return the command that keeps what the rule read; it changes nothing where somebody coded already."""
        return (
            CodeAsDocumented(
                encounter_id=event.encounter_id,
                patient_id=event.patient_id,
                service_from_on=event.service_from_on,
                reading=read(event, tables.diagnoses(event.service_from_on)),
                now=rows.now,
            ),
        )

    code: Reaction[EncounterDocumented] = Reaction(
        name="code_as_documented", on=EncounterDocumented, react=code_as_documented, actor="rule"
    )
    return (code,)
