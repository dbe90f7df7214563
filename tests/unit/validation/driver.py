"""Validation over dicts, with the tables that ship."""

from datetime import datetime
from pathlib import Path
from typing import Final

from services.validation.main import service, tables_in
from services.validation.projections.rule_months import RULE_MONTHS
from services.validation.settings import Settings
from shared.events.envelope import Event
from tests.support import pure_driver
from tests.unit.validation.samples import NOW

ROOT: Final = Path(__file__).parents[3]
TABLES: Final = tables_in(ROOT / "reference")
SERVICE: Final = service(Settings(), TABLES)


class Driver(pure_driver.Driver):
    """One store of validation; facts come at the samples' own time."""

    def __init__(self) -> None:
        super().__init__(SERVICE)

    def take(self, *events: Event, now: datetime = NOW) -> None:
        """Take facts of others, one by one, and everything that follows from each."""
        super().take(*events, now=now)

    def end(self) -> tuple[object, ...]:
        """Return all that is left, but for statistics: they count what happened, and codes that came late are none."""
        told = {place: row for place, row in self.rows.items() if row is not None and place[0] != RULE_MONTHS.name}
        return (sorted(self.states.items()), sorted(told.items()))
