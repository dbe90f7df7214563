"""Rule sets and the instant at which one follows another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from services.validation.domain import scrub
from services.validation.domain.rule_set import RuleSet, in_force
from services.validation.domain.rules import RULE_SET_VERSION, RULE_SETS, RULES
from services.validation.domain.scrub import SCRUBS, ScrubCodes
from shared.codesets.edition import MoreDigitsNeeded
from shared.events.validation import CodesRejected, CodesValidated
from tests.unit.validation.samples import EDITION, NOW, diagnosed

SWITCH = datetime(2026, 4, 1, tzinfo=UTC)
FIRST = RuleSet(version="2026.1", in_force_from=None, rules=())
SECOND = RuleSet(version="2026.2", in_force_from=SWITCH, rules=RULES)
SETS = (FIRST, SECOND)


@pytest.mark.parametrize(
    ("now", "version"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), "2026.1"),
        (SWITCH - timedelta(microseconds=1), "2026.1"),
        (SWITCH, "2026.2"),
        (datetime(2199, 12, 31, tzinfo=UTC), "2026.2"),
    ],
)
def test_a_set_judges_from_its_first_instant_on(now: datetime, version: str) -> None:
    assert in_force(SETS, now).version == version


def test_a_scrub_is_judged_by_the_set_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrub, "RULE_SETS", SETS)
    heading = diagnosed("E11", MoreDigitsNeeded(EDITION))
    command = ScrubCodes(encounter_id="EN-1", patient_id="PT-1", coding_version=1, missing=(), subject=heading, now=NOW)

    before = SCRUBS.outcome(given=(), when=command)
    after = SCRUBS.outcome(given=before, when=replace(command, now=SWITCH))

    (validated,), (_, rejected) = before, after
    assert isinstance(validated, CodesValidated)
    assert isinstance(rejected, CodesRejected)
    assert (validated.rule_set_version, rejected.rule_set_version) == ("2026.1", "2026.2")


def test_the_sets_follow_each_other() -> None:
    first, *later = RULE_SETS
    begins = [each.in_force_from for each in later if each.in_force_from is not None]

    assert first.in_force_from is None
    assert len(begins) == len(later)
    assert all(a < b for a, b in pairwise(begins))
    assert len({each.version for each in RULE_SETS}) == len(RULE_SETS)


def test_the_newest_set_is_the_one_that_the_page_lists() -> None:
    assert (RULE_SETS[-1].version, RULE_SETS[-1].rules) == (RULE_SET_VERSION, RULES)
