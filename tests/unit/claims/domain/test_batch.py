"""The rules of `services/claims/domain/batch.py` as examples."""

from dataclasses import replace

import pytest

from services.claims.domain.batch import (
    BATCHES,
    AttemptBatch,
    AttemptRefused,
    BatchExists,
    BatchNotFailed,
    Command,
    QueueBatch,
    RecordFailure,
    RecordInterchangeAnswer,
    RecordSetAnswer,
    RecordTransmission,
    RecordUnknown,
    RequeueBatch,
)
from services.claims.domain.batch_facts import (
    BatchAttempted,
    BatchedClaim,
    BatchEvent,
    BatchOutcomeUnknown,
    BatchQueued,
    BatchRequeued,
    BatchTransmitted,
    InterchangeAccepted,
    InterchangeRejected,
    SubmissionFailed,
    TransactionSetAccepted,
    TransactionSetRejected,
)
from tests.unit.claims.examples import NOW

CLAIMS = tuple(
    BatchedClaim(
        claim_id=f"K-{number}",
        submission_id=f"S-{number}",
        patient_control_number=f"PCN{number}",
        transaction_control_number=place,
    )
    for number, place in ((1, "0001"), (2, "0001"), (3, "0002"))
)
QUEUE = QueueBatch(
    batch_id="B-1",
    receiver_id="CH",
    channel="http",
    interchange_control_number="000000001",
    group_control_number="1",
    file_sha256="ab",
    claims=CLAIMS,
    now=NOW,
)
ATTEMPT = AttemptBatch(batch_id="B-1", now=NOW)
ARRIVED = RecordTransmission(batch_id="B-1", receipt="R-1", now=NOW)
FAILED = RecordFailure(batch_id="B-1", error_slug="clearinghouse-unreachable", retryable=True, now=NOW)
UNKNOWN = RecordUnknown(batch_id="B-1", reason="temporary-name-swept", now=NOW)
REFUSED = replace(FAILED, error_slug="clearinghouse-refused", retryable=False)
REQUEUE = RequeueBatch(batch_id="B-1", now=NOW)
TA1 = RecordInterchangeAnswer(batch_id="B-1", accepted=True, codes=("TA1:A",), file_sha256="cd", now=NOW)
SET = RecordSetAnswer(
    batch_id="B-1", transaction_control_number="0001", accepted=True, codes=("IK5:A",), file_sha256="cd", now=NOW
)


def after(*commands: Command) -> tuple[BatchEvent, ...]:
    """Return the history that some commands make."""
    given: tuple[BatchEvent, ...] = ()
    for command in commands:
        given += BATCHES.outcome(given=given, when=command)
    return given


def kinds(facts: tuple[BatchEvent, ...]) -> list[type[BatchEvent]]:
    return [type(fact) for fact in facts]


def test_is_queued_once() -> None:
    given = after(QUEUE)

    assert kinds(given) == [BatchQueued]
    with pytest.raises(BatchExists):
        BATCHES.outcome(given=given, when=QUEUE)


@pytest.mark.parametrize(
    "before",
    [(), (QUEUE, ATTEMPT), (QUEUE, ATTEMPT, ARRIVED), (QUEUE, ATTEMPT, REFUSED), (QUEUE, ATTEMPT, UNKNOWN)],
    ids=["unknown", "under way", "arrived", "failed for good", "nobody can tell"],
)
def test_refuses_an_attempt_that_could_send_twice_or_in_vain(before: tuple[Command, ...]) -> None:
    with pytest.raises(AttemptRefused):
        BATCHES.outcome(given=after(*before), when=ATTEMPT)


def test_tries_again_after_a_failure_and_counts() -> None:
    facts = after(QUEUE, ATTEMPT, FAILED, REQUEUE, ATTEMPT, ARRIVED)

    assert kinds(facts) == [
        BatchQueued,
        BatchAttempted,
        SubmissionFailed,
        BatchRequeued,
        BatchAttempted,
        BatchTransmitted,
    ]
    assert [fact.attempt for fact in facts if isinstance(fact, BatchAttempted)] == [1, 2]
    assert [fact.claim_ids for fact in facts if isinstance(fact, SubmissionFailed)] == [("K-1", "K-2", "K-3")]


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ((QUEUE,), FAILED),
        ((QUEUE, ATTEMPT, ARRIVED), FAILED),
        ((QUEUE, ATTEMPT, ARRIVED), ARRIVED),
        ((QUEUE, ATTEMPT), REQUEUE),
        ((QUEUE, ATTEMPT, REFUSED), REQUEUE),
        ((QUEUE, ATTEMPT, UNKNOWN), REQUEUE),
        ((QUEUE, ATTEMPT, UNKNOWN), UNKNOWN),
        ((QUEUE, ATTEMPT, ARRIVED), UNKNOWN),
        ((QUEUE, ATTEMPT, FAILED), UNKNOWN),
        ((QUEUE,), UNKNOWN),
        ((), UNKNOWN),
        ((QUEUE, ATTEMPT, FAILED, REQUEUE, ATTEMPT), REQUEUE),
        ((), ARRIVED),
        ((), FAILED),
        ((), REQUEUE),
        ((), TA1),
        ((), SET),
    ],
)
def test_adds_nothing_for_late_or_foreign_news(before: tuple[Command, ...], command: Command) -> None:
    assert BATCHES.outcome(given=after(*before), when=command) == ()


def test_attempt_names_what_was_uploaded_for_it() -> None:
    (attempted,) = BATCHES.outcome(given=after(QUEUE), when=replace(ATTEMPT, channel="sftp", temporary_name=".t"))

    assert isinstance(attempted, BatchAttempted)
    assert (attempted.channel, attempted.temporary_name) == ("sftp", ".t")


@pytest.mark.parametrize("asked", [(), (UNKNOWN,)], ids=["not asked", "asked in vain"])
@pytest.mark.parametrize("answer", [TA1, SET, replace(TA1, accepted=False), replace(SET, accepted=False)])
def test_takes_an_answer_as_proof_that_the_file_arrived(answer: Command, asked: tuple[Command, ...]) -> None:
    given = after(QUEUE, ATTEMPT, *asked)

    facts = BATCHES.outcome(given=given, when=answer)

    assert kinds(facts)[0] is BatchTransmitted
    assert len(facts) == 2
    assert BATCHES.outcome(given=(*given, *facts), when=answer) == ()
    assert BATCHES.outcome(given=(*given, *facts), when=ARRIVED) == ()


@pytest.mark.parametrize(
    ("accepted", "interchange", "of_set"),
    [(True, InterchangeAccepted, TransactionSetAccepted), (False, InterchangeRejected, TransactionSetRejected)],
)
def test_names_the_claims_that_an_answer_is_about(
    accepted: bool,  # noqa: FBT001 (a parameter)
    interchange: type[BatchEvent],
    of_set: type[BatchEvent],
) -> None:
    given = after(QUEUE, ATTEMPT, ARRIVED)

    (whole,) = BATCHES.outcome(given=given, when=replace(TA1, accepted=accepted))
    (part,) = BATCHES.outcome(given=given, when=replace(SET, accepted=accepted))
    every = BATCHES.outcome(given=given, when=replace(SET, accepted=accepted, transaction_control_number=None))

    assert (type(whole), type(part)) == (interchange, of_set)
    assert getattr(whole, "claim_ids", None) == ("K-1", "K-2", "K-3")
    assert getattr(part, "claim_ids", None) == ("K-1", "K-2")
    assert [getattr(each, "claim_ids", None) for each in every] == [("K-1", "K-2"), ("K-3",)]


def test_has_no_answer_for_a_set_that_the_file_does_not_hold() -> None:
    given = after(QUEUE, ATTEMPT, ARRIVED)

    assert BATCHES.outcome(given=given, when=replace(SET, transaction_control_number="0009")) == ()


def test_never_fails_on_history() -> None:
    assert BATCHES.state(after(QUEUE, ATTEMPT, FAILED, REQUEUE, ATTEMPT, TA1, SET)[1:]) is None


BY_PERSON = replace(REQUEUE, by_person=True)


@pytest.mark.parametrize("failure", [FAILED, REFUSED, UNKNOWN], ids=["failed", "refused", "nobody can tell"])
def test_is_requeued_by_a_person_after_any_failure_and_then_tried_once(failure: Command) -> None:
    given = after(QUEUE, ATTEMPT, failure, BY_PERSON)

    tried = (*given, *BATCHES.outcome(given=given, when=ATTEMPT))

    assert isinstance(given[-1], BatchRequeued)
    assert isinstance(tried[-1], BatchAttempted)
    with pytest.raises(AttemptRefused):
        BATCHES.outcome(given=tried, when=ATTEMPT)


def test_says_that_nobody_can_tell() -> None:
    (unknown,) = BATCHES.outcome(given=after(QUEUE, ATTEMPT), when=UNKNOWN)

    assert isinstance(unknown, BatchOutcomeUnknown)
    assert (unknown.attempt, unknown.reason) == (1, "temporary-name-swept")


@pytest.mark.parametrize(
    "before",
    [
        (),
        (QUEUE,),
        (QUEUE, ATTEMPT),
        (QUEUE, ATTEMPT, ARRIVED),
        (QUEUE, ATTEMPT, REFUSED, BY_PERSON),
        (QUEUE, ATTEMPT, FAILED, REQUEUE),
    ],
    ids=["unknown", "never tried", "outcome open", "arrived", "requeued", "requeued by the timer"],
)
def test_refuses_a_person_to_requeue_what_did_not_fail(before: tuple[Command, ...]) -> None:
    with pytest.raises(BatchNotFailed):
        BATCHES.outcome(given=after(*before), when=BY_PERSON)


@pytest.mark.parametrize("accepting", [TA1, replace(SET, accepted=True, codes=("IK5:A",))], ids=["TA1", "999"])
def test_rejects_no_interchange_that_was_accepted(accepting: Command) -> None:
    late = replace(TA1, accepted=False, codes=("TA1:R", "TA1:024"), file_sha256="ef")

    assert BATCHES.outcome(given=after(QUEUE, ATTEMPT, ARRIVED, accepting), when=late) == ()
