"""The rules of `services/claims/domain/claim.py` as examples."""

from dataclasses import replace
from datetime import date
from typing import Literal

import pytest
from msgspec import structs

from services.claims.domain.claim import (
    CLAIMS,
    CODES_CHANGED,
    CODES_REJECTED,
    PAID_MEANWHILE,
    AnswerKind,
    ClaimCannotBeHeld,
    ClaimDecided,
    ClaimNotFound,
    ClaimNotHeld,
    ClaimNotReady,
    ClaimNotRejected,
    Command,
    Fact,
    HoldByHand,
    HoldClaim,
    NewerCodesPending,
    QueueClaim,
    RecordAdjudication,
    RecordAnswer,
    ReleaseHold,
    ResubmitClaim,
    SubmitClaim,
)
from services.claims.domain.claim_content import AssembleClaim
from services.claims.domain.claim_facts import (
    ClaimAdjudicated,
    ClaimAuthorizationsNoted,
    ClaimQueued,
    CodingChangedAfterSubmission,
)
from shared.events.claims import (
    ClaimAccepted,
    ClaimAcknowledged,
    ClaimAssembled,
    ClaimHeld,
    ClaimHoldReleased,
    ClaimLine,
    ClaimPriced,
    ClaimRejected,
    ClaimSubmitted,
    PricedLine,
)
from shared.events.validation import AuthorizedLine
from shared.kernel.decider import Name
from tests.unit.claims.examples import NOW, ON

LINE = ClaimLine(
    line_no=1,
    line_control_number="L1",
    procedure_code="99213",
    modifiers=(),
    units=1,
    pointers=(1,),
    service_from_on=ON,
    service_to_on=ON,
)
ASSEMBLE = AssembleClaim(
    claim_id="K-1",
    encounter_ids=("E-1",),
    patient_id="P-1",
    coverage_id="C-1",
    payer_id="Y-1",
    filing_order="primary",
    diagnoses=("E119",),
    lines=(LINE,),
    priced=(PricedLine(line_no=1, line_control_number="L1", charge_cents=150_00),),
    fee_schedule_versions=("practice 1",),
    place_of_service="11",
    rendering_provider_id=None,
    billing_provider_id="O-1",
    coding_version=1,
    rule_set_version="2026.11",
    filing_deadline_on=date(2026, 8, 30),
    hold=None,
    now=NOW,
)
NEW_CODES = replace(ASSEMBLE, coding_version=2)
QUEUE = QueueClaim(
    claim_id="K-1",
    submission_id="S-1",
    batch_id="B-1",
    patient_control_number="PCN1",
    coding_version=1,
    file_sha256="ab",
    now=NOW,
)
SUBMIT = SubmitClaim(
    claim_id="K-1",
    submission_id="S-1",
    interchange_control_number="000000001",
    group_control_number="1",
    transaction_control_number="0001",
    file_sha256="ab",
    channel="http",
    now=NOW,
)
HOLD = HoldClaim(claim_id="K-1", reason="personal-data-erased", now=NOW)
RELEASE = ReleaseHold(claim_id="K-1", reason="reviewed", now=NOW)
ADJUDICATE = RecordAdjudication(claim_id="K-1", submission_id="S-1", remittance_id="R-1", decision="paid", now=NOW)


def answer(
    kind: AnswerKind, level: Literal["clearinghouse", "payer"] = "payer", submission_id: str = "S-1"
) -> RecordAnswer:
    return RecordAnswer(
        claim_id="K-1",
        submission_id=submission_id,
        kind=kind,
        level=level,
        status_codes=("A1:20",),
        payer_claim_number=None,
        file_sha256="cd",
        now=NOW,
    )


def after(*commands: Command) -> tuple[Fact, ...]:
    """Return the history that some commands make."""
    given: tuple[Fact, ...] = ()
    for command in commands:
        given += CLAIMS.outcome(given=given, when=command)
    return given


def kinds(facts: tuple[Fact, ...]) -> list[type[Fact]]:
    return [type(fact) for fact in facts]


CONSENT = (AuthorizedLine(line_no=1, authorization_id="U-1"),)
OTHER_CONSENT = (AuthorizedLine(line_no=1, authorization_id="U-2"),)
WITH_CONSENT = replace(ASSEMBLE, authorizations=CONSENT)


def noted(*authorizations: AuthorizedLine, coding_version: int = 1) -> ClaimAuthorizationsNoted:
    return ClaimAuthorizationsNoted(
        claim_id="K-1", patient_id="P-1", coding_version=coding_version, authorizations=authorizations, noted_at=NOW
    )


def test_names_the_consents_of_the_payer_with_its_content() -> None:
    facts = after(WITH_CONSENT)

    assert kinds(facts) == [ClaimAssembled, ClaimPriced, ClaimAuthorizationsNoted]
    assert facts[-1] == noted(*CONSENT)
    assert CLAIMS.outcome(given=facts, when=WITH_CONSENT) == ()


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        ((ASSEMBLE,), WITH_CONSENT, CONSENT),
        ((WITH_CONSENT,), replace(ASSEMBLE, authorizations=OTHER_CONSENT), OTHER_CONSENT),
        ((WITH_CONSENT,), ASSEMBLE, ()),
        ((ASSEMBLE, HOLD), WITH_CONSENT, CONSENT),
        ((ASSEMBLE, QUEUE, SUBMIT, answer("rejected")), WITH_CONSENT, CONSENT),
    ],
    ids=["first", "another", "none any more", "held", "rejected at the front end"],
)
def test_names_other_consents_with_the_same_codes_and_nothing_else_changes(
    given: tuple[Command, ...], when: AssembleClaim, then: tuple[AuthorizedLine, ...]
) -> None:
    facts = after(*given)
    before = CLAIMS.state(facts)
    added = CLAIMS.outcome(given=facts, when=when)
    changed = CLAIMS.state((*facts, *added))
    assert before is not None
    assert changed is not None

    assert added == (noted(*then),)
    assert changed == structs.replace(before, authorizations=then)


@pytest.mark.parametrize(
    "given",
    [(ASSEMBLE, QUEUE), (ASSEMBLE, QUEUE, SUBMIT), (ASSEMBLE, QUEUE, SUBMIT, answer("accepted")), (NEW_CODES,)],
    ids=["in a file", "submitted", "accepted", "newer codes"],
)
def test_what_was_put_into_a_file_or_has_newer_codes_keeps_its_consents(given: tuple[Command, ...]) -> None:
    assert CLAIMS.outcome(given=after(*given), when=WITH_CONSENT) == ()


def test_new_codes_name_their_own_consents_and_none_of_the_codes_before() -> None:
    facts = after(WITH_CONSENT, NEW_CODES)
    state = CLAIMS.state(facts)

    assert kinds(facts)[-2:] == [ClaimAssembled, ClaimPriced]
    assert state is not None
    assert state.authorizations == ()


def test_a_person_holds_a_claim_that_has_not_gone_out_until_a_person_releases_it() -> None:
    hold = HoldByHand(claim_id="K-1", reason="ask-the-payer", until_on=None, now=NOW)
    held = after(ASSEMBLE, hold)
    released = CLAIMS.outcome(given=held, when=ReleaseHold(claim_id="K-1", reason="asked", now=NOW))

    assert kinds(held)[-1:] == [ClaimHeld]
    assert kinds(released) == [ClaimHoldReleased]


@pytest.mark.parametrize("reason", ["ask-the-payer", CODES_REJECTED])
def test_a_person_holds_nothing_twice_and_for_no_reason_of_ours(reason: str) -> None:
    before = after(ASSEMBLE, HoldByHand(claim_id="K-1", reason="ask-the-payer", until_on=None, now=NOW))
    again = HoldByHand(claim_id="K-1", reason=reason, until_on=None, now=NOW)

    with pytest.raises(ClaimCannotBeHeld):
        CLAIMS.outcome(given=before, when=again)


def test_a_person_cannot_hold_a_claim_that_went_out_or_is_none() -> None:
    hold = HoldByHand(claim_id="K-1", reason="ask-the-payer", until_on=None, now=NOW)

    with pytest.raises(ClaimCannotBeHeld, match="gone out"):
        CLAIMS.outcome(given=after(ASSEMBLE, QUEUE), when=hold)
    with pytest.raises(ClaimNotFound):
        CLAIMS.outcome(given=(), when=hold)


def test_codes_that_are_validated_again_end_their_hold_and_name_the_consent_that_they_lacked() -> None:
    rejected = HoldClaim(claim_id="K-1", reason=CODES_REJECTED, rejected_coding_version=1, now=NOW)
    added = CLAIMS.outcome(given=after(ASSEMBLE, rejected), when=WITH_CONSENT)

    assert kinds(added) == [ClaimHoldReleased, ClaimAuthorizationsNoted]


def test_assembles_and_prices_in_one_unit() -> None:
    assembled, priced = after(ASSEMBLE)

    assert isinstance(assembled, ClaimAssembled)
    assert isinstance(priced, ClaimPriced)
    assert (assembled.form, priced.charge_cents) == ("P", 150_00)


def test_adds_nothing_for_the_same_codes_again() -> None:
    assert CLAIMS.outcome(given=after(ASSEMBLE), when=ASSEMBLE) == ()


def test_holds_a_claim_from_the_start() -> None:
    assert kinds(after(replace(ASSEMBLE, hold="payer-on-hold"))) == [ClaimAssembled, ClaimPriced, ClaimHeld]


@pytest.mark.parametrize(
    "before",
    [(), (QUEUE, SUBMIT, answer("rejected"))],
    ids=["not sent", "rejected"],
)
def test_takes_new_codes_while_nobody_has_the_claim(before: tuple[Command, ...]) -> None:
    given = after(ASSEMBLE, *before)

    facts = CLAIMS.outcome(given=given, when=NEW_CODES)

    assert kinds(facts) == [ClaimAssembled, ClaimPriced]
    assert CLAIMS.outcome(given=(*given, *facts), when=replace(QUEUE, submission_id="S-2", coding_version=2))


@pytest.mark.parametrize(
    "before",
    [(QUEUE,), (QUEUE, SUBMIT), (QUEUE, SUBMIT, answer("accepted")), (QUEUE, SUBMIT, ADJUDICATE)],
    ids=["queued", "submitted", "accepted", "decided"],
)
def test_only_notes_new_codes_once_the_claim_is_away(before: tuple[Command, ...]) -> None:
    given = after(ASSEMBLE, *before)

    facts = CLAIMS.outcome(given=given, when=NEW_CODES)

    assert kinds(facts) == [CodingChangedAfterSubmission]
    assert CLAIMS.outcome(given=(*given, *facts), when=NEW_CODES) == ()


def test_takes_the_noted_codes_after_a_rejection() -> None:
    given = after(ASSEMBLE, QUEUE, SUBMIT, NEW_CODES, answer("rejected"))

    assert kinds(CLAIMS.outcome(given=given, when=NEW_CODES)) == [ClaimAssembled, ClaimPriced]


def test_keeps_an_adjudicated_claim_as_it_is_even_if_it_was_rejected_too() -> None:
    given = after(ASSEMBLE, QUEUE, SUBMIT, answer("rejected"), ADJUDICATE)

    assert kinds(CLAIMS.outcome(given=given, when=NEW_CODES)) == [CodingChangedAfterSubmission]


def test_holds_and_releases() -> None:
    assert kinds(after(ASSEMBLE, HOLD, RELEASE)[2:]) == [ClaimHeld, ClaimHoldReleased]


@pytest.mark.parametrize("before", [(HOLD,), (QUEUE,), (QUEUE, SUBMIT)], ids=["held", "queued", "submitted"])
def test_does_not_hold_what_is_held_or_away(before: tuple[Command, ...]) -> None:
    assert CLAIMS.outcome(given=after(ASSEMBLE, *before), when=HOLD) == ()


@pytest.mark.parametrize(("version", "held"), [(1, False), (2, True)])
def test_holds_for_newer_codes_alone(version: int, held: bool) -> None:  # noqa: FBT001 (a parameter)
    hold = replace(HOLD, reason=CODES_CHANGED, newer_coding_version=version)

    facts = CLAIMS.outcome(given=after(ASSEMBLE), when=hold)

    assert bool(facts) == held
    assert not held or facts[0] == ClaimHeld(
        claim_id="K-1", reason=CODES_CHANGED, owner="coder", until_on=None, held_at=NOW
    )


def test_ends_the_hold_for_newer_codes_with_these_codes_and_no_other_hold() -> None:
    for_codes = after(ASSEMBLE, replace(HOLD, reason=CODES_CHANGED, newer_coding_version=2))
    for_payer = after(replace(ASSEMBLE, hold="payer-on-hold"))

    ended = CLAIMS.outcome(given=for_codes, when=NEW_CODES)
    kept = CLAIMS.outcome(given=for_payer, when=replace(NEW_CODES, hold="payer-on-hold"))

    assert kinds(ended) == [ClaimHoldReleased, ClaimAssembled, ClaimPriced]
    assert kinds(kept) == [ClaimAssembled, ClaimPriced]
    with pytest.raises(ClaimNotReady):
        CLAIMS.outcome(given=(*for_payer, *kept), when=replace(QUEUE, coding_version=2))


def test_refuses_to_release_what_is_not_held_or_does_not_exist() -> None:
    with pytest.raises(ClaimNotHeld):
        CLAIMS.outcome(given=after(ASSEMBLE), when=RELEASE)
    with pytest.raises(ClaimNotFound):
        CLAIMS.outcome(given=(), when=RELEASE)


@pytest.mark.parametrize(
    ("before", "queue"),
    [
        ((), QUEUE),
        ((ASSEMBLE, HOLD), QUEUE),
        ((ASSEMBLE, QUEUE), QUEUE),
        ((ASSEMBLE,), replace(QUEUE, coding_version=2)),
    ],
    ids=["unknown", "held", "queued before", "bytes of other codes"],
)
def test_refuses_to_put_into_a_file_what_is_not_ready(before: tuple[Command, ...], queue: QueueClaim) -> None:
    with pytest.raises(ClaimNotReady):
        CLAIMS.outcome(given=after(*before), when=queue)


def test_reserves_the_number_of_each_submission() -> None:
    (queued,) = after(ASSEMBLE, QUEUE)[2:]

    assert isinstance(queued, ClaimQueued)
    assert CLAIMS.names(queued) == (Name("patient_control_number", "PCN1"),)
    assert CLAIMS.names(after(ASSEMBLE)[0]) == ()


def test_is_submitted_once_per_submission() -> None:
    given = after(ASSEMBLE, QUEUE, SUBMIT)

    assert isinstance(given[-1], ClaimSubmitted)
    assert (given[-1].patient_control_number, given[-1].charge_cents) == ("PCN1", 150_00)
    assert CLAIMS.outcome(given=given, when=SUBMIT) == ()
    assert CLAIMS.outcome(given=given, when=replace(SUBMIT, submission_id="S-9")) == ()


@pytest.mark.parametrize(
    ("kind", "fact"), [("acknowledged", ClaimAcknowledged), ("accepted", ClaimAccepted), ("rejected", ClaimRejected)]
)
def test_records_each_answer_once(kind: AnswerKind, fact: type[Fact]) -> None:
    given = after(ASSEMBLE, QUEUE, SUBMIT, answer(kind))

    assert type(given[-1]) is fact
    assert CLAIMS.outcome(given=given, when=answer(kind)) == ()
    assert kinds(CLAIMS.outcome(given=given, when=answer(kind, "clearinghouse"))) == [fact]
    assert CLAIMS.outcome(given=given, when=answer(kind, submission_id="S-9")) == ()


def test_ends_in_the_same_stage_whatever_order_the_news_comes_in() -> None:
    news = (SUBMIT, answer("acknowledged", "clearinghouse"), answer("accepted"), answer("rejected"))

    stages = set()
    for shift in range(len(news)):
        for order in (news[shift:] + news[:shift], news[::-1][shift:] + news[::-1][:shift]):
            state = CLAIMS.state(after(ASSEMBLE, QUEUE, *order))
            stages.add(state and state.stage)

    assert stages == {"rejected"}


def test_hears_of_an_old_submission_without_being_moved_by_it() -> None:
    again = replace(QUEUE, submission_id="S-2", patient_control_number="PCN2", coding_version=2)
    given = after(ASSEMBLE, QUEUE, answer("rejected"), NEW_CODES, again, SUBMIT, answer("accepted"))

    state = CLAIMS.state(given)

    assert state
    assert state.stage == "queued"
    assert kinds(given[-2:]) == [ClaimSubmitted, ClaimAccepted]


def test_notes_each_decision_of_a_payer_once() -> None:
    given = after(ASSEMBLE, QUEUE, SUBMIT, ADJUDICATE)

    assert isinstance(given[-1], ClaimAdjudicated)
    assert CLAIMS.outcome(given=given, when=ADJUDICATE) == ()
    assert kinds(CLAIMS.outcome(given=given, when=replace(ADJUDICATE, remittance_id="R-2"))) == [ClaimAdjudicated]


@pytest.mark.parametrize("command", [HOLD, SUBMIT, answer("accepted"), ADJUDICATE])
def test_says_nothing_of_a_claim_that_is_not_ours(command: Command) -> None:
    assert CLAIMS.outcome(given=(), when=command) == ()


def test_never_fails_on_history() -> None:
    facts = after(ASSEMBLE, HOLD, RELEASE, QUEUE, SUBMIT, answer("accepted"), NEW_CODES, ADJUDICATE)

    assert CLAIMS.state(facts[1:]) is None
    assert CLAIMS.state(facts) is not None


FOR_CODES = replace(HOLD, reason=CODES_CHANGED, newer_coding_version=2)
FOR_REJECTION = replace(HOLD, reason=CODES_REJECTED, rejected_coding_version=1)
RESUBMIT = ResubmitClaim(claim_id="K-1", newest_coding_version=1, now=NOW)
QUEUE_AGAIN = replace(QUEUE, submission_id="S-2", patient_control_number="PCN2")


@pytest.mark.parametrize("order", [(HOLD, FOR_CODES), (FOR_CODES, HOLD)])
def test_holds_for_codes_beside_another_hold_and_ends_each_by_itself(order: tuple[HoldClaim, HoldClaim]) -> None:
    given = after(ASSEMBLE, *order)

    with pytest.raises(NewerCodesPending):
        CLAIMS.outcome(given=given, when=RELEASE)
    given += CLAIMS.outcome(given=given, when=NEW_CODES)
    still = CLAIMS.state(given)
    given += CLAIMS.outcome(given=given, when=RELEASE)
    ended = CLAIMS.state(given)

    assert still
    assert (still.hold, still.codes_hold) == (HOLD.reason, None)
    assert ended
    assert ended.may_go()


@pytest.mark.parametrize(("version", "held"), [(1, True), (2, False)])
def test_holds_for_rejected_codes_that_the_claim_has_alone(version: int, held: bool) -> None:  # noqa: FBT001 (a parameter)
    given = after(replace(ASSEMBLE, coding_version=version))

    assert bool(CLAIMS.outcome(given=given, when=FOR_REJECTION)) == held


def test_ends_the_hold_for_rejected_codes_when_they_are_validated_again_or_newer_ones_are() -> None:
    given = after(ASSEMBLE, FOR_REJECTION)

    assert kinds(CLAIMS.outcome(given=given, when=ASSEMBLE)) == [ClaimHoldReleased]
    assert kinds(CLAIMS.outcome(given=given, when=NEW_CODES)) == [ClaimHoldReleased, ClaimAssembled, ClaimPriced]
    assert CLAIMS.outcome(given=after(ASSEMBLE, FOR_CODES), when=ASSEMBLE) == ()


@pytest.mark.parametrize("hold", [(), (HOLD,)], ids=["ready", "held for something else"])
def test_never_goes_out_again_once_a_payer_decided_on_an_earlier_sending(hold: tuple[Command, ...]) -> None:
    given = after(ASSEMBLE, QUEUE, SUBMIT, answer("rejected"), RESUBMIT, *hold, ADJUDICATE)

    assert isinstance(given[-1], ClaimHeld)
    assert given[-1].reason == PAID_MEANWHILE
    with pytest.raises(ClaimNotReady):
        CLAIMS.outcome(given=given, when=QUEUE_AGAIN)
    with pytest.raises(ClaimDecided):
        CLAIMS.outcome(given=given, when=RELEASE)
    assert kinds(CLAIMS.outcome(given=given, when=replace(ADJUDICATE, remittance_id="R-2"))) == [ClaimAdjudicated]


def test_goes_out_again_with_the_same_codes_after_a_rejection() -> None:
    given = after(ASSEMBLE, QUEUE, SUBMIT, answer("rejected"), RESUBMIT, answer("rejected", "clearinghouse"))

    assert isinstance(CLAIMS.outcome(given=given, when=QUEUE_AGAIN)[0], ClaimQueued)


@pytest.mark.parametrize(
    "before",
    [(), (QUEUE, SUBMIT), (QUEUE, SUBMIT, answer("accepted")), (QUEUE, SUBMIT, answer("rejected"), ADJUDICATE)],
    ids=["ready", "submitted", "accepted", "decided"],
)
def test_refuses_to_resubmit_what_was_not_rejected(before: tuple[Command, ...]) -> None:
    with pytest.raises(ClaimNotRejected):
        CLAIMS.outcome(given=after(ASSEMBLE, *before), when=RESUBMIT)


def test_refuses_to_resubmit_old_codes_or_nothing() -> None:
    with pytest.raises(NewerCodesPending):
        CLAIMS.outcome(
            given=after(ASSEMBLE, QUEUE, SUBMIT, answer("rejected")), when=replace(RESUBMIT, newest_coding_version=2)
        )
    with pytest.raises(ClaimNotFound):
        CLAIMS.outcome(given=(), when=RESUBMIT)
