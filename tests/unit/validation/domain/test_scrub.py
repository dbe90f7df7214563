"""What a scrub decides, as given, when, then."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec import structs

from services.validation.domain.authorized import Authorized
from services.validation.domain.person import PersonNeeded
from services.validation.domain.rules import RULE_SET_VERSION
from services.validation.domain.scrub import (
    SCRUBS,
    AwaitedFactsArrived,
    ClaimUnderWay,
    CodesChanged,
    FindingMended,
    FindingNotFound,
    FindingNotOverridable,
    FindingRaised,
    OverrideFinding,
    OverrideNotFound,
    Scrub,
    ScrubCodes,
    ScrubFact,
    ScrubWaiting,
    WithdrawOverride,
    findings_of,
    stops,
)
from services.validation.domain.subject import LookedUp, ScrubSubject
from shared.codesets.edition import MoreDigitsNeeded
from shared.events.envelope import Actor
from shared.events.validation import (
    AuthorizedLine,
    CodesRejected,
    CodesValidated,
    Finding,
    FindingOverridden,
    Override,
    OverrideLapsed,
)
from shared.kernel.errors import KnownError
from tests.unit.validation.samples import CLEAN, CPT, EDITION, NOW, UNKNOWN, diagnosed, lined, subject

HEADING = diagnosed("E11", MoreDigitsNeeded(EDITION))
TWO_FAULTS = replace(HEADING, place_of_service=None)
ZERO_UNITS = lined({"units": 0})
CPT_ONLY = lined({"procedure": LookedUp("99213", CPT)})
BILLER = Actor(kind="human", id="biller-2")
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
        encounter_id="EN-1",
        rule_id=rule_id,
        coding_version=coding_version,
        findings=findings,
        raised_at=NOW,
        payer_id="PY-1",
    )


def mended(rule_id: str, coding_version: int = 2) -> FindingMended:
    return FindingMended(encounter_id="EN-1", rule_id=rule_id, coding_version=coding_version, mended_at=NOW)


def test_validates_clean_codes_and_counts_the_days_left() -> None:
    assert SCRUBS.outcome(given=(), when=judge()) == (validated(),)


def test_names_the_consents_of_the_first_payer_alone() -> None:
    known = [
        Authorized(place=1, line_no=1, authorization_id="AU-1", standing="covered"),
        Authorized(place=2, line_no=1, authorization_id="AU-2", standing="covered"),
    ]
    authorizations = (AuthorizedLine(line_no=1, authorization_id="AU-1"),)

    assert SCRUBS.outcome(given=(), when=judge(subject(authorized=tuple(known)))) == (
        validated(authorizations=authorizations),
    )


def test_names_a_consent_that_a_person_let_have_more_units_than_it_has() -> None:
    exceeded = subject(authorized=(Authorized(place=1, line_no=1, authorization_id="AU-1", standing="units-exceeded"),))
    rejected_first = SCRUBS.outcome(given=(), when=judge(exceeded))
    let_pass = override(judge(exceeded), "authorization_on_service")
    *_, outcome = SCRUBS.outcome(given=rejected_first, when=let_pass)

    assert isinstance(rejected_first[-1], CodesRejected)
    assert isinstance(outcome, CodesValidated)
    assert outcome.authorizations == (AuthorizedLine(line_no=1, authorization_id="AU-1"),)


def test_validates_again_what_draws_on_another_consent_and_nothing_else() -> None:
    known = subject(authorized=(Authorized(place=1, line_no=1, authorization_id="AU-1", standing="covered"),))
    after = validated(authorizations=(AuthorizedLine(line_no=1, authorization_id="AU-1"),))

    assert SCRUBS.outcome(given=[validated()], when=judge(known)) == (after,)
    assert SCRUBS.outcome(given=[after], when=judge(known)) == ()
    assert SCRUBS.outcome(given=[after], when=judge()) == (validated(),)


def test_rejects_codes_with_an_error_finding() -> None:
    assert SCRUBS.outcome(given=(), when=judge(HEADING)) == (raised(HEADING, "diagnosis_billable"), rejected(HEADING))


def test_lets_warnings_and_gaps_pass_and_keeps_them() -> None:
    late = subject(today=date(2026, 8, 25))
    *_, outcome = SCRUBS.outcome(given=(), when=judge(late))

    assert isinstance(outcome, CodesValidated)
    assert [finding.severity for finding in outcome.findings] == ["warning"]
    assert outcome.filing_days_left == 5


def test_a_rule_that_only_lacks_a_table_is_told_in_the_outcome_and_raises_nothing() -> None:
    licensed = lined({"procedure": LookedUp("99213", CPT)})

    (outcome,) = SCRUBS.outcome(given=(), when=judge(licensed))

    assert isinstance(outcome, CodesValidated)
    assert [(finding.outcome, finding.missing_table) for finding in outcome.findings] == [("no-data", "cpt")]


def test_what_lacks_a_table_beside_a_failure_is_raised_with_it() -> None:
    both = lined({"procedure": LookedUp("99213", CPT)}, {"procedure": LookedUp("G9999", UNKNOWN)})

    assert SCRUBS.outcome(given=(), when=judge(both)) == (raised(both, "procedure_code_known"), rejected(both))


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


def override(again: ScrubCodes, rule_id: str = "diagnosis_billable", **changes: Any) -> OverrideFinding:  # noqa: ANN401
    command = OverrideFinding(
        rule_id=rule_id, coding_version=1, reason="payer-allows", note="They said so.", actor=BILLER, again=again
    )
    return replace(command, **changes)


def judged(*subjects: ScrubSubject) -> list[ScrubFact]:
    facts: list[ScrubFact] = []
    for coding_version, each in enumerate(subjects, 1):
        facts += SCRUBS.outcome(given=facts, when=judge(each, coding_version=coding_version))
    return facts


def overridden(judged_subject: ScrubSubject, rule_id: str) -> FindingOverridden:
    found = tuple(each for each in findings_of(judged_subject) if each.rule_id == rule_id)
    return FindingOverridden(
        encounter_id="EN-1",
        patient_id="PT-1",
        coding_version=1,
        rule_id=rule_id,
        rule_version=found[0].rule_version,
        findings=found,
        reason="payer-allows",
        note="They said so.",
        overridden_by="biller-2",
        overridden_at=NOW,
    )


def marked(judged_subject: ScrubSubject, rule_id: str) -> tuple[Finding, ...]:
    mark = Override(reason="payer-allows", overridden_by="biller-2", overridden_at=NOW)
    return tuple(
        structs.replace(each, overridden=mark) if each.rule_id == rule_id else each
        for each in findings_of(judged_subject)
    )


def test_an_error_that_a_person_lets_pass_stops_no_more() -> None:
    facts = SCRUBS.outcome(given=judged(HEADING), when=override(judge(HEADING)))

    found = marked(HEADING, "diagnosis_billable")
    assert facts == (overridden(HEADING, "diagnosis_billable"), validated(findings=found, editions=HEADING.editions))


def test_another_error_still_stops_what_a_person_let_pass() -> None:
    facts = SCRUBS.outcome(given=judged(TWO_FAULTS), when=override(judge(TWO_FAULTS)))

    found = marked(TWO_FAULTS, "diagnosis_billable")
    assert facts == (
        overridden(TWO_FAULTS, "diagnosis_billable"),
        structs.replace(rejected(TWO_FAULTS), findings=found),
    )


def test_what_a_person_let_pass_adds_nothing_when_it_is_found_again() -> None:
    given = judged(HEADING)
    given += SCRUBS.outcome(given=given, when=override(judge(HEADING)))

    assert SCRUBS.outcome(given=given, when=judge(HEADING)) == ()
    assert SCRUBS.outcome(given=given, when=override(judge(HEADING))) == ()


def test_a_new_edition_that_says_the_same_keeps_what_a_person_let_pass() -> None:
    later = diagnosed("E11", MoreDigitsNeeded(replace(EDITION, release="2027")))
    given = judged(HEADING)
    given += SCRUBS.outcome(given=given, when=override(judge(HEADING)))

    *_, outcome = SCRUBS.outcome(given=given, when=judge(later))

    assert isinstance(outcome, CodesValidated)


def test_something_else_that_the_rule_finds_later_was_not_let_pass() -> None:
    other = diagnosed("I11", MoreDigitsNeeded(EDITION))
    given = judged(HEADING)
    given += SCRUBS.outcome(given=given, when=override(judge(HEADING)))

    assert SCRUBS.outcome(given=given, when=judge(other)) == (raised(other, "diagnosis_billable"), rejected(other))


def let_pass(judged_subject: ScrubSubject = HEADING, *rule_ids: str) -> list[ScrubFact]:
    """Return the facts of codes whose findings somebody let pass."""
    facts = judged(judged_subject)
    for rule_id in rule_ids or ("diagnosis_billable",):
        facts += SCRUBS.outcome(given=facts, when=override(judge(judged_subject), rule_id))
    return facts


def lapsed(judged_subject: ScrubSubject = HEADING, rule_id: str = "diagnosis_billable", **changes: Any) -> ScrubFact:  # noqa: ANN401
    found = [each for each in findings_of(judged_subject) if each.rule_id == rule_id]
    fields: dict[str, Any] = {
        "encounter_id": "EN-1",
        "patient_id": "PT-1",
        "coding_version": 1,
        "rule_id": rule_id,
        "rule_version": found[0].rule_version,
        "findings": tuple(structs.replace(each, edition=None) for each in found),
        "reason": "codes-changed",
        "note": None,
        "lapsed_by": None,
        "lapsed_at": NOW,
    }
    return OverrideLapsed(**fields | changes)


def withdraw(again: ScrubCodes, **changes: Any) -> WithdrawOverride:  # noqa: ANN401 (any field of the command)
    command = WithdrawOverride(
        rule_id="diagnosis_billable",
        coding_version=1,
        note="Wrong payer.",
        under_way=False,
        actor=BILLER,
        again=again,
    )
    return replace(command, **changes)


BY_BILLER: dict[str, Any] = {"reason": "withdrawn", "note": "Wrong payer.", "lapsed_by": "biller-2"}


def test_an_override_lapses_when_the_codes_change() -> None:
    facts = SCRUBS.outcome(given=let_pass(), when=judge(HEADING, coding_version=2))

    assert facts == (lapsed(), raised(HEADING, "diagnosis_billable", 2), rejected(HEADING, 2))


def test_an_override_lapses_when_changed_codes_have_to_wait() -> None:
    facts = SCRUBS.outcome(given=let_pass(), when=lack(*PATIENT_MISSING, coding_version=2))
    state = SCRUBS.state([*let_pass(), *facts])

    assert facts == (lapsed(), waiting(*PATIENT_MISSING, coding_version=2))
    assert state is not None
    assert (state.status, state.let_pass) == ("waiting", ())


def test_each_rule_that_was_let_pass_lapses_with_the_codes() -> None:
    given = let_pass(TWO_FAULTS, "diagnosis_billable", "place_of_service_valid")

    told = SCRUBS.outcome(given=given, when=judge(coding_version=2))

    assert told[:2] == (lapsed(TWO_FAULTS), lapsed(TWO_FAULTS, "place_of_service_valid"))


def test_what_lapsed_once_does_not_lapse_again() -> None:
    given = let_pass()
    given += SCRUBS.outcome(given=given, when=judge(HEADING, coding_version=2))

    third = SCRUBS.outcome(given=given, when=judge(coding_version=3))

    assert third == (mended("diagnosis_billable", 3), validated(coding_version=3))


def test_codes_changed_before_lapses_were_told_lift_the_override_all_the_same() -> None:
    state = SCRUBS.state([*let_pass(), rejected(HEADING, 2)])

    assert state is not None
    assert state.let_pass == ()


def test_withdrawing_stops_the_claim_again() -> None:
    facts = SCRUBS.outcome(given=let_pass(), when=withdraw(judge(HEADING)))

    assert facts == (lapsed(**BY_BILLER), raised(HEADING, "diagnosis_billable"), rejected(HEADING))


def test_withdrawing_one_rule_leaves_the_other() -> None:
    given = let_pass(TWO_FAULTS, "diagnosis_billable", "place_of_service_valid")

    *_, outcome = SCRUBS.outcome(given=given, when=withdraw(judge(TWO_FAULTS), rule_id="place_of_service_valid"))

    assert isinstance(outcome, CodesRejected)
    assert outcome.findings == marked(TWO_FAULTS, "diagnosis_billable")


def test_what_was_withdrawn_may_be_let_pass_again() -> None:
    given = let_pass()
    given += SCRUBS.outcome(given=given, when=withdraw(judge(HEADING)))

    facts = SCRUBS.outcome(given=given, when=override(judge(HEADING)))

    assert [type(fact) for fact in facts] == [FindingOverridden, CodesValidated]


def test_withdrawing_what_the_rule_does_not_find_any_more_changes_no_outcome() -> None:
    given = let_pass()
    given += SCRUBS.outcome(given=given, when=judge())

    assert SCRUBS.outcome(given=given, when=withdraw(judge())) == (lapsed(**BY_BILLER),)


@pytest.mark.parametrize(
    ("given", "command", "refusal"),
    [
        ([], withdraw(judge(HEADING)), OverrideNotFound),
        (judged(HEADING), withdraw(judge(HEADING)), OverrideNotFound),
        (let_pass(), withdraw(judge(HEADING), rule_id="sex_edit"), OverrideNotFound),
        (let_pass(), withdraw(lack(*PATIENT_MISSING)), OverrideNotFound),
        ([*let_pass(), lapsed(**BY_BILLER)], withdraw(judge(HEADING)), OverrideNotFound),
        ([*let_pass(), rejected(HEADING, 2)], withdraw(judge(HEADING, coding_version=2)), CodesChanged),
        (let_pass(), withdraw(judge(HEADING, coding_version=2)), CodesChanged),
        (let_pass(), withdraw(judge(HEADING), under_way=True), ClaimUnderWay),
        (let_pass(), withdraw(judge(HEADING), actor=Actor(kind="ai", id="model-1")), PersonNeeded),
    ],
    ids=[
        "no codes",
        "nothing let pass",
        "another rule",
        "a fact that is gone",
        "withdrawn already",
        "lapsed with the codes",
        "codes that nobody scrubbed yet",
        "a payer has the claim",
        "a model",
    ],
)
def test_refuses_to_withdraw(given: list[ScrubFact], command: WithdrawOverride, refusal: type[KnownError]) -> None:
    with pytest.raises(refusal):
        SCRUBS.outcome(given=given, when=command)


def test_a_warning_may_be_let_pass() -> None:
    soon = subject(today=date(2026, 8, 25))

    facts = SCRUBS.outcome(given=judged(soon), when=override(judge(soon), "timely_filing"))

    assert facts == (
        overridden(soon, "timely_filing"),
        validated(findings=marked(soon, "timely_filing"), filing_days_left=5),
    )


@pytest.mark.parametrize(
    ("given", "command", "refusal"),
    [
        (judged(HEADING), override(judge(HEADING), "sex_edit"), FindingNotFound),
        (judged(HEADING), override(judge(HEADING), "no_such_rule"), FindingNotFound),
        (judged(CPT_ONLY), override(judge(CPT_ONLY), "procedure_code_known"), FindingNotFound),
        ([], override(judge(HEADING)), FindingNotFound),
        ([waiting(*PATIENT_MISSING)], override(lack(*PATIENT_MISSING)), FindingNotFound),
        (judged(HEADING), override(lack(*PATIENT_MISSING)), FindingNotFound),
        (judged(HEADING, HEADING), override(judge(HEADING, coding_version=2)), CodesChanged),
        (judged(HEADING), override(judge(HEADING, coding_version=2)), CodesChanged),
        (judged(ZERO_UNITS), override(judge(ZERO_UNITS), "line_units"), FindingNotOverridable),
        (judged(HEADING), override(judge(HEADING), actor=Actor(kind="ai", id="model-1")), PersonNeeded),
        (judged(HEADING), override(judge(HEADING), actor=Actor(kind="service", id="intake")), PersonNeeded),
    ],
    ids=[
        "a rule that found nothing",
        "no rule",
        "a rule without data",
        "no codes",
        "codes that wait",
        "a fact that is gone",
        "older codes than the latest",
        "codes that nobody scrubbed yet",
        "a rule that makes a claim unreadable",
        "a model",
        "a program",
    ],
)
def test_refuses_to_let_pass(given: list[ScrubFact], command: OverrideFinding, refusal: type[KnownError]) -> None:
    with pytest.raises(refusal):
        SCRUBS.outcome(given=given, when=command)
