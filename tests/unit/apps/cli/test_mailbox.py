"""`claimlog mailbox`: which words are passed on, and what is shown."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from typer.testing import CliRunner

from apps.cli import mailbox
from apps.cli.main import application
from apps.cli.operating import Operated


class Told:
    """The services, which say what a test gives them."""

    def __init__(self, **results: Mapping[str, Any]) -> None:
        self.results = results
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, services: tuple[str, ...], *words: str) -> Operated:
        """Answer a command."""
        self.asked.append((*services, *words))
        return Operated(results=self.results, errors={}, code=0)


@pytest.mark.parametrize(("age", "days"), [("90d", "90"), ("2w", "14"), ("1D", "1")])
def test_age_is_told_in_days_to_who_speaks_to_a_clearinghouse(
    monkeypatch: pytest.MonkeyPatch, age: str, days: str
) -> None:
    told = Told(claims={"channel": "sftp", "dry_run": True, "files": [f"f{n}" for n in range(25)], "uploads": []})
    monkeypatch.setattr(mailbox, "operate", told)
    shown = CliRunner().invoke(application(), ["mailbox", "clean", "--older-than", age, "--dry-run"])

    assert told.asked == [("claims", "payments", "mailbox", "clean", "--days", days, "--dry-run")]
    assert shown.output.splitlines()[-2:] == [
        "claims: and 5 more; --json has all",
        "claims: over sftp: 25 files and 0 uploads would be removed",
    ]


@pytest.mark.parametrize("age", ["90", "0d", "-1d", "3m", ""])
def test_says_how_an_age_is_written(age: str) -> None:
    shown = CliRunner().invoke(application(), ["mailbox", "clean", "--older-than", age, "--dry-run"])

    assert shown.exit_code == 2
    assert "a number with d or w behind it" in shown.output


def test_removes_nothing_unless_somebody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    monkeypatch.setattr(mailbox, "operate", told)
    shown = CliRunner().invoke(application(), ["mailbox", "clean", "--older-than", "90d"], input="n\n")

    assert (shown.exit_code, told.asked) == (1, [])


def test_shows_what_still_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(payments={"channel": "http", "dry_run": False, "read": ["1"], "left": ["2"]})
    monkeypatch.setattr(mailbox, "operate", told)
    words = ["mailbox", "again", "--service", "payments"]
    shown, document = (CliRunner().invoke(application(), [*words, *options]) for options in ([], ["--json"]))

    assert shown.output.splitlines() == ["payments: 2", "payments: over http: 1 files read, 1 cannot be had"]
    assert json.loads(document.output)["services"]["payments"]["left"] == ["2"]
    assert told.asked == [("payments", "mailbox", "again")] * 2
