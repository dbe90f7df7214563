"""`services/claims/domain/acknowledgment.py`: what the bytes of a mailbox file come to."""

import pytest

from services.claims.domain.acknowledgment import read
from services.claims.domain.inbound import Answers, ClaimAnswer, InterchangeAnswer, SetAnswer
from shared.x12.sets.t999_x231a1 import ElementError, SegmentError
from tests.unit.claims.answers import answer_277ca, answer_999, answer_ta1


@pytest.mark.parametrize(("code", "accepted"), [("A", True), ("E", True), ("R", False)])
def test_reads_a_ta1(code: str, accepted: bool) -> None:  # noqa: FBT001 (a parameter)
    reading = read(answer_ta1("000000007", code))

    assert reading.answers == Answers(
        interchanges=(
            InterchangeAnswer(
                interchange_control_number="000000007",
                accepted=accepted,
                codes=(f"TA1:{code}", "TA1:000" if code == "A" else "TA1:024"),
            ),
        )
    )


@pytest.mark.parametrize(
    ("code", "accepted"),
    [("A", True), ("E", True), ("R", False), ("M", False), ("W", False), ("X", False)],
)
def test_reads_a_999_about_a_whole_group(code: str, accepted: bool) -> None:  # noqa: FBT001 (a parameter)
    reading = read(answer_999("7", code))

    assert reading.answers == Answers(
        sets=(
            SetAnswer(
                group_control_number="7",
                transaction_control_number=None,
                accepted=accepted,
                codes=(f"AK9:{code}",),
            ),
        )
    )


def test_reads_a_999_set_by_set_without_what_was_wrong_in_words() -> None:
    error = SegmentError(
        segment_id="NM1",
        position=12,
        code="8",
        loop="2010BA",
        elements=(ElementError(position="9", code="7", bad_value="SECRET"),),
    )

    reading = read(answer_999("7", "R", "0001", "0002", errors=(error,)))

    assert reading.answers
    assert [said.transaction_control_number for said in reading.answers.sets] == ["0001", "0002"]
    assert reading.answers.sets[0].codes == ("IK5:R", "IK3:8:2010BA/NM1", "IK4:7:2010BA/NM19")
    assert "SECRET" not in repr(reading)


@pytest.mark.parametrize("text", ["DOE", "JOHN", "SMITH JOHN", "587654321"])
def test_repeats_no_text_that_stands_where_a_999_has_a_place(text: str) -> None:
    error = SegmentError(
        segment_id=text, position=12, code=text, loop=text, elements=(ElementError(position=text, code=text),)
    )

    reading = read(answer_999("7", "R", "0001", errors=(error,)))

    assert reading.answers
    assert reading.answers.sets[0].codes == ("IK5:R", "IK3::/", "IK4::/")


def test_says_where_in_a_999_as_exactly_as_the_partner() -> None:
    elements = (ElementError(position="5:3", code="7"), ElementError(position="1", code="I9"))
    error = SegmentError(segment_id="CLM", position=12, code="8", loop="2300", elements=elements)

    reading = read(answer_999("7", "R", "0001", errors=(error,)))

    assert reading.answers
    assert reading.answers.sets[0].codes == ("IK5:R", "IK3:8:2300/CLM", "IK4:7:2300/CLM5:3", "IK4:I9:2300/CLM1")


@pytest.mark.parametrize("code", ["P", "E"], ids=["in part", "with errors"])
def test_reads_a_999_that_accepts_a_group_with_reserve_set_by_set(code: str) -> None:
    said = f"IK5*R*5~AK9*{code}*2*2*1".encode()
    content = answer_999("7", "A", "0001", "0002").replace(b"IK5*A~AK9*A*2*2*2", said)

    reading = read(content)

    assert reading.answers
    assert [said.accepted for said in reading.answers.sets] == [True, False]


ONE_SET = answer_999("7", "A", "0001")
NO_SET = answer_999("7", "A")


@pytest.mark.parametrize(
    ("content", "good", "bad"),
    [
        (ONE_SET, b"AK9*A*1*1*1", b"AK9*A*1*1*0"),
        (ONE_SET, b"AK9*A*1*1*1", b"AK9*A*2*2*2"),
        (ONE_SET, b"AK9*A*1*1*1", b"AK9*R*1*1*1"),
        (ONE_SET, b"IK5*A~", b"IK5*R*5~"),
        (ONE_SET, b"IK5*A~AK9*A*1*1*1", b"IK5*R*5~AK9*R*2*1*0"),
        (ONE_SET, b"IK5*A~AK9*A*1*1*1", b"IK5*R*5~AK9*A*1*1*0"),
        (ONE_SET, b"IK5*A~AK9*A*1*1*1", b"IK5*Z~AK9*R*1*1*0"),
        (NO_SET, b"AK9*A*1*1*1", b"AK9*A*2*2*1"),
        (NO_SET, b"AK9*A*1*1*1", b"AK9*R*1*1*1"),
        (NO_SET, b"AK9*A*1*1*1", b"AK9*P*2*2*1"),
        (NO_SET, b"AK9*A*1*1*1", b"AK9*Z*1*1*1"),
        (NO_SET, b"AK9*A*1*1*1", b"AK9*A*5*3*3"),
        (NO_SET, b"AK9*A*1*1*1", b"AK9*A*0*0*0"),
        (ONE_SET, b"AK9*A*1*1*1", b"AK9*A*5*1*1"),
        (answer_ta1("000000007"), b"*A*000~", b"*Z*000~"),
    ],
    ids=[
        "fewer accepted than named so",
        "more received than named",
        "a rejected group of accepted sets",
        "a rejected set that is counted as accepted",
        "a rejected group of more sets than are named",
        "an accepted group with a rejected set",
        "a set neither accepted nor rejected",
        "an accepted group of which a set was not",
        "a rejected group of which a set was accepted",
        "in part, and nobody says which",
        "a group neither accepted nor rejected",
        "an accepted group of which some did not arrive",
        "an accepted group of nothing",
        "an accepted group of which only one is named",
        "an interchange neither accepted nor rejected",
    ],
)
def test_says_nothing_for_an_answer_that_contradicts_itself(content: bytes, good: bytes, bad: bytes) -> None:
    assert content.count(good) == 1

    reading = read(content.replace(good, bad))

    assert (reading.kind, reading.answers, reading.error_slug) == ("unreadable", None, "acknowledgment-unclear")


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("A0", "acknowledged"),
        ("A1", "acknowledged"),
        ("A2", "accepted"),
        ("A3", "rejected"),
        ("A4", "unclear"),
        ("A5", "unclear"),
        ("A6", "rejected"),
        ("A7", "rejected"),
        ("A8", "rejected"),
    ],
)
def test_reads_each_category_of_a_277ca(category: str, kind: str) -> None:
    reading = read(answer_277ca(("PCN1", category), level="clearinghouse", payer_claim_number="ICN1"))

    assert reading.kind == "acknowledgment"
    assert reading.answers
    assert [
        (said.patient_control_number, said.kind, said.level, said.payer_claim_number) for said in reading.answers.claims
    ] == [("PCN1", kind, "clearinghouse", "ICN1")]
    assert reading.answers.claims[0].status_codes == (f"{category}:20:PR",)


def test_reads_every_claim_of_a_277ca() -> None:
    reading = read(answer_277ca(("PCN1", "A2"), ("PCN2", "A7")))

    assert reading.answers
    assert [claim.kind for claim in reading.answers.claims] == ["accepted", "rejected"]
    assert all(isinstance(claim, ClaimAnswer) and claim.level == "payer" for claim in reading.answers.claims)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "unreadable"),
        (b"hello", "unreadable"),
        (answer_999("7")[:-30], "unreadable"),
        (answer_277ca(), "unreadable"),
        (answer_999("7").replace(b"ST*999*", b"ST*835*"), "not-ours"),
    ],
    ids=["nothing", "no X12", "truncated", "about no claim", "a remittance"],
)
def test_says_nothing_for_what_it_does_not_understand_to_the_end(content: bytes, kind: str) -> None:
    reading = read(content)

    assert (reading.kind, reading.answers) == (kind, None)
    assert bool(reading.error_slug) == (kind == "unreadable")
