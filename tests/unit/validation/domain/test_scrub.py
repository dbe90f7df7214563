"""What a scrub decides, as given, when, then."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.validation.domain.rules import RULE_SET_VERSION
from services.validation.domain.scrub import (
    SCRUBS,
    AwaitedFactsArrived,
    FindingMended,
    FindingRaised,
    Scrub,
    ScrubCodes,
    ScrubFact,
    ScrubWaiting,
    findings_of,
    stops,
)
from services.validation.domain.subject import ScrubSubject
from shared.codesets.edition import MoreDigitsNeeded
from shared.events.validation import CodesRejected, CodesValidated
from tests.unit.validation.samples import CLEAN, EDITION, NOW, diagnosed, lined, subject

HEADING = diagnosed("E11", MoreDigitsNeeded(EDITION))
TWO_FAULTS = replace(HEADING, place_of_service=None)
PATIENT_MISSING = ("patient/PT-1",)
BOTH_MISSING = ("patient/PT-1", "payer/PY-1")


def judge(subject: ScrubSubject = CLEAN, **changes: Any) -> ScrubCodes:  # noqa: ANN401 (any field of the command)
    command = ScrubCodes(encounter_id="EN-1", patient_id="PT-1", coding_version=1, missing=(), subject=subject, now=NOW)
    return replace(command, **changes)


def lack(*missing: str, **changes: Any) -> ScrubCodes:  # noqa: ANN401 (any field of the command)
    return replace(judge(), subject=None, missing=missing, **changes)


def waiting(*missing: str, coding_version: int = 1) -> ScrubWaiting:
    return ScrubWaiting(
        encounter_id="EN-1", patient_id="PT-1", coding_version=coding_version, missing=missing, waiting_at=NOW
    )


def arrived(*things: str) -> AwaitedFactsArrived:
    return AwaitedFactsArrived(encounter_id="EN-1", arrived=things, arrived_at=NOW)


def validated(**changes: Any) -> CodesValidated:  # noqa: ANN401 (any field of the event)
    fields: dict[str, Any] = {
        "encounter_id": "EN-1",
        "patient_id": "PT-1",
        "coding_version": 1,
        "rule_set_version": RULE_SET_VERSION,
        "editions": CLEAN.editions,
        "findings": (),
        "filing_days_left": 173,
        "filing_deadline_on": date(2026, 8, 30),
        "validated_at": NOW,
    }
    return CodesValidated(**fields | changes)


def rejected(subject: ScrubSubject, coding_version: int = 1) -> CodesRejected:
    return CodesRejected(
        encounter_id="EN-1",
        patient_id="PT-1",
        coding_version=coding_version,
        rule_set_version=RULE_SET_VERSION,
        editions=subject.editions,
        findings=findings_of(subject),
        rejected_at=NOW,
    )


def raised(subject: ScrubSubject, rule_id: str, coding_version: int = 1) -> FindingRaised:
    findings = tuple(each for each in findings_of(subject) if each.rule_id == rule_id)
    return FindingRaised(
        encounter_id="EN-1", rule_id=rule_id, coding_version=coding_version, findings=findings, raised_at=NOW
    )


def mended(rule_id: str, coding_version: int = 2) -> FindingMended:
    return FindingMended(encounter_id="EN-1", rule_id=rule_id, coding_version=coding_version, mended_at=NOW)


def test_validates_clean_codes_and_counts_the_days_left() -> None:
    assert SCRUBS.outcome(given=(), when=judge()) == (validated(),)


def test_rejects_codes_with_an_error_finding() -> None:
    assert SCRUBS.outcome(given=(), when=judge(HEADING)) == (raised(HEADING, "diagnosis_billable"), rejected(HEADING))


def test_lets_warnings_and_gaps_pass_and_keeps_them() -> None:
    late = subject(today=date(2026, 8, 25))
    *_, outcome = SCRUBS.outcome(given=(), when=judge(late))

    assert isinstance(outcome, CodesValidated)
    assert [finding.severity for finding in outcome.findings] == ["warning"]
    assert outcome.filing_days_left == 5


def test_waits_for_what_is_missing() -> None:
    assert SCRUBS.outcome(given=(), when=lack(*BOTH_MISSING)) == (waiting(*BOTH_MISSING),)


def test_says_what_arrived_while_more_is_missing() -> None:
    facts = SCRUBS.outcome(given=[waiting(*BOTH_MISSING)], when=lack(*PATIENT_MISSING))

    assert facts == (arrived("payer/PY-1"), waiting(*PATIENT_MISSING))


def test_judges_once_nothing_is_missing() -> None:
    assert SCRUBS.outcome(given=[waiting(*BOTH_MISSING)], when=judge()) == (arrived(*BOTH_MISSING), validated())


@pytest.mark.parametrize(
    ("given", "command"),
    [
        ([waiting(*PATIENT_MISSING)], lack(*PATIENT_MISSING)),
        ([validated()], judge()),
        ([validated()], judge(subject(today=date(2026, 3, 11)), now=NOW + timedelta(days=1))),
        ([raised(HEADING, "diagnosis_billable"), rejected(HEADING)], judge(HEADING)),
        ([validated()], lack(*PATIENT_MISSING)),
        ([validated(coding_version=2)], judge(HEADING)),
        ([waiting(*PATIENT_MISSING, coding_version=2)], judge()),
        ([validated(coding_version=2)], lack(*PATIENT_MISSING)),
    ],
    ids=[
        "waits already",
        "validated already",
        "a day later",
        "rejected already",
        "a row is late",
        "older codes",
        "older codes while newer ones wait",
        "older codes lack a fact",
    ],
)
def test_adds_nothing_for_what_changes_nothing(given: list[ScrubFact], command: ScrubCodes) -> None:
    assert SCRUBS.outcome(given=given, when=command) == ()


def test_validates_mended_codes() -> None:
    given: list[ScrubFact] = [raised(HEADING, "diagnosis_billable"), rejected(HEADING)]

    facts = SCRUBS.outcome(given=given, when=judge(coding_version=2))

    assert facts == (mended("diagnosis_billable"), validated(coding_version=2))


def test_tells_what_is_mended_from_what_is_left_and_what_is_new() -> None:
    given = SCRUBS.outcome(given=(), when=judge(TWO_FAULTS))
    third = replace(HEADING, lines=lined({"units": 0}).lines)

    facts = SCRUBS.outcome(given=given, when=judge(third, coding_version=2))

    assert facts == (raised(third, "line_units", 2), mended("place_of_service_valid"), rejected(third, 2))


def test_remembers_findings_while_later_codes_wait() -> None:
    given = [*SCRUBS.outcome(given=(), when=judge(HEADING)), waiting(*PATIENT_MISSING, coding_version=2)]

    facts = SCRUBS.outcome(given=given, when=judge(coding_version=2))

    assert facts == (arrived(*PATIENT_MISSING), mended("diagnosis_billable"), validated(coding_version=2))


def test_rejects_what_was_validated_when_it_is_asked_again_too_late() -> None:
    late = subject(today=date(2026, 9, 1))

    facts = SCRUBS.outcome(given=[validated()], when=judge(late))

    assert facts == (raised(late, "timely_filing"), rejected(late))


def test_folds_a_wait_that_shrinks() -> None:
    state = SCRUBS.state([waiting(*BOTH_MISSING), arrived("payer/PY-1")])

    assert state == Scrub(coding_version=1, status="waiting", missing=PATIENT_MISSING)


def test_folds_the_end_of_a_wait_that_never_began_into_nothing() -> None:
    assert SCRUBS.state([arrived("payer/PY-1")]) is None


def test_says_nothing_personal() -> None:
    personal = subject(age_years=43, sex="male", place_of_service=None, coverages=())
    text = repr(findings_of(personal))

    assert "43" not in text
    assert "male" not in text


def test_stops_for_an_error_and_nothing_less() -> None:
    assert stops(findings_of(HEADING))
    assert not stops(findings_of(subject(today=date(2026, 8, 25), filing_deadline_on=None)))
