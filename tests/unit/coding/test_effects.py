"""`services/coding/effects.py`: the editions are published once, at start."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import pytest

from services.coding.domain.tables import diagnoses
from services.coding.effects import load_editions
from services.coding.main import configured, opened, service
from services.coding.settings import Settings
from shared.codesets.systems import RESTATED, STARTERS
from shared.events.coding import CodeSetEditionLoaded
from shared.runtime.effects import Outside
from shared.runtime.settings import BadSettings
from tests.support.memory import CLERK, TENANT, running
from tests.unit.coding.tables import TABLES


class Now:
    """The part of `Outside` that the timer asks for."""

    tenant_id = TENANT

    def now(self) -> datetime:
        """Return a fixed instant."""
        return datetime(2026, 3, 3, tzinfo=UTC)


async def test_publishes_the_editions_of_the_tables_once_and_lists_them() -> None:
    timer = load_editions(TABLES.editions())
    async with running(service(Settings(), TABLES)) as coding:
        for _ in range(3):
            async for works in timer.due(cast("Outside", Now())):
                for work in works:
                    await coding.engine.handle(TENANT, CLERK, *work.commands)
        listed = (await coding.client.get("/v1/code-sets")).json()["items"]

        assert [type(event) for event in await coding.facts()] == [CodeSetEditionLoaded]
    assert [(each["system"], each["release"]) for each in listed] == [("icd10cm", "test")]


def test_opens_every_table_that_ships(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(Path(__file__).parents[3] / "reference")
    monkeypatch.setenv("CLAIMLOG_CODING_TABLES_FOLDER", folder)
    tables = opened(Settings(tables_folder=folder))

    assert diagnoses(tables, date(2026, 3, 3)) is not None
    assert diagnoses(tables, date(2015, 9, 30)) is None
    assert {edition.system for edition in tables.editions()} == {
        *(system.name for system in STARTERS),
        *(shelf.system.name for shelf in RESTATED),
    }
    assert configured().name == "coding"


def test_says_which_setting_is_wrong_where_the_tables_are_missing(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="CLAIMLOG_CODING_TABLES_FOLDER"):
        opened(Settings(tables_folder=str(tmp_path)))
