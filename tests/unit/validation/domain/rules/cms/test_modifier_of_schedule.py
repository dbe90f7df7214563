"""`services/validation/domain/rules/cms/modifier_of_schedule.py` as examples."""

from dataclasses import replace
from typing import Any

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.modifier_of_schedule import MODIFIER_OF_SCHEDULE as RULE
from services.validation.domain.subject import LookedUp, ScrubSubject
from services.validation.domain.tables import Tables
from shared.codesets import mpfs
from shared.codesets.edition import TableNotLoaded, UnknownCode
from shared.codesets.library import Library
from shared.codesets.mpfs import RelativeValues
from tests.unit.shared.codesets.fee_schedule_files import row, schedule
from tests.unit.validation.samples import CLEAN, EDITION, INSURER, SERVICE_ON, UNKNOWN, VALID, lined

MEDICARE = (replace(INSURER, claim_filing_indicator="MB"),)
SCHEDULE = schedule(row("20610"))
DAY = SCHEDULE.edition.effective_from


def usual() -> RelativeValues:
    found = SCHEDULE.values("20610", DAY)
    assert isinstance(found, RelativeValues)
    return replace(found, edition=EDITION)


USUAL = usual()


def billed(
    *modifiers: str,
    found: RelativeValues | UnknownCode | TableNotLoaded | None = None,
    medicare: bool = True,
    indicators: dict[str, Any] | None = None,
) -> ScrubSubject:
    says = found or replace(USUAL, indicators=replace(USUAL.indicators, **(indicators or {})))
    line = {"modifiers": tuple(LookedUp(code, VALID) for code in modifiers), "values": says}
    return lined(line, payers=MEDICARE if medicare else CLEAN.payers)


@pytest.mark.parametrize(
    ("modifier", "indicators"),
    [
        ("50", {"bilateral": "1"}),
        ("50", {"bilateral": "3"}),
        ("26", {"components": "1"}),
        ("TC", {"components": "1"}),
        ("26", {"components": "6"}),
        ("80", {"assistant": "2"}),
        ("AS", {"assistant": "0"}),
        ("62", {"co_surgeons": "2"}),
        ("66", {"team": "1"}),
    ],
)
def test_passes_what_the_schedule_takes(modifier: str, indicators: dict[str, str]) -> None:
    assert RULE.outcome(billed(modifier, indicators=indicators)) is Outcome.PASS


@pytest.mark.parametrize(
    ("modifier", "indicators", "why"),
    [
        ("50", {"bilateral": "0"}, "bilateral 0"),
        ("50", {"bilateral": "2"}, "bilateral 2"),
        ("26", {"components": "0"}, "components 0"),
        ("26", {"components": "3"}, "components 3"),
        ("TC", {"components": "2"}, "components 2"),
        ("TC", {"components": "6"}, "components 6"),
        ("80", {"assistant": "1"}, "assistant 1"),
        ("82", {"assistant": "9"}, "assistant 9"),
        ("62", {"co_surgeons": "0"}, "co-surgeons 0"),
        ("66", {"team": "0"}, "team 0"),
    ],
)
def test_fails_what_it_does_not(modifier: str, indicators: dict[str, str], why: str) -> None:
    (finding,) = RULE.findings(billed(modifier, indicators=indicators))

    assert (finding.severity, finding.line_no, finding.edition) == ("error", 1, EDITION.name)
    assert finding.inputs == ("G0438", modifier, "2026-03-03", why)


def test_warns_on_claims_to_others() -> None:
    (finding,) = RULE.findings(billed("50", indicators={"bilateral": "2"}, medicare=False))

    assert finding.severity == "warning"


def test_passes_a_code_that_the_schedule_lacks() -> None:
    assert RULE.outcome(billed("50", found=UNKNOWN)) is Outcome.PASS


def test_has_no_data_without_the_schedule_and_says_so_once() -> None:
    absent = Tables(library=Library()).values("G0438", SERVICE_ON)

    (finding,) = RULE.findings(billed("26", "50", found=absent))

    assert (finding.outcome, finding.missing_table, finding.inputs[0]) == ("no-data", "mpfs", "G0438")


def test_asks_the_schedule_of_the_library() -> None:
    tables = Tables(library=Library().with_table(mpfs.SYSTEM, SCHEDULE))

    assert isinstance(tables.values("20610", DAY), RelativeValues)
    assert isinstance(tables.values("99999", DAY), UnknownCode)


def test_does_not_apply_to_other_modifiers() -> None:
    assert RULE.outcome(billed("25", "59")) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
