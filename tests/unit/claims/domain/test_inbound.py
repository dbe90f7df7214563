"""The rules of `services/claims/domain/inbound.py` as examples."""

from dataclasses import replace

from services.claims.domain.inbound import (
    ANSWERS_MAX,
    INBOUND_FILES,
    AcknowledgmentReceived,
    Answers,
    ClaimAnswer,
    MailboxFileSeen,
    ReceiveFile,
)
from tests.unit.claims.examples import NOW

ANSWER = ClaimAnswer(
    patient_control_number="PCN1", kind="accepted", level="payer", status_codes=("A2:20",), payer_claim_number=None
)
RECEIVE = ReceiveFile(
    file_sha256="ab",
    remote_id="1",
    file_name="1.277ca",
    size_bytes=10,
    cursor=None,
    kind="acknowledgment",
    answers=Answers(claims=(ANSWER,)),
    now=NOW,
)


def test_reads_a_file_once_under_each_name() -> None:
    first = INBOUND_FILES.outcome(given=(), when=RECEIVE)
    renamed = INBOUND_FILES.outcome(given=first, when=replace(RECEIVE, remote_id="2"))

    assert [type(fact) for fact in first] == [MailboxFileSeen, AcknowledgmentReceived]
    assert [type(fact) for fact in renamed] == [MailboxFileSeen]
    assert INBOUND_FILES.outcome(given=(*first, *renamed), when=RECEIVE) == ()


def test_notes_what_is_not_ours_and_says_nothing_of_it() -> None:
    facts = INBOUND_FILES.outcome(given=(), when=replace(RECEIVE, kind="not-ours", answers=None))

    assert [type(fact) for fact in facts] == [MailboxFileSeen]


def test_divides_a_long_file_so_that_no_fact_grows_without_limit() -> None:
    many = Answers(claims=(ANSWER,) * (2 * ANSWERS_MAX + 1))

    facts = INBOUND_FILES.outcome(given=(), when=replace(RECEIVE, answers=many))

    parts = [fact for fact in facts if isinstance(fact, AcknowledgmentReceived)]
    assert [(fact.part, len(fact.claims)) for fact in parts] == [(1, ANSWERS_MAX), (2, ANSWERS_MAX), (3, 1)]
