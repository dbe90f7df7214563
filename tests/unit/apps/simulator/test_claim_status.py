"""276 in, 277 out: which claim is meant, and what a payer says of it in each of its states."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.x12.segments import Period
from shared.x12.sets.t277_x212 import ClaimAnswer, claim_answers, read_277
from tests.support.x12_oracles import lfh_complaints, needs_lfh
from tests.unit.apps.simulator.asking import PAYER, TODAY, Desk, asked_claims, claim, line
from tests.unit.apps.simulator.interchanges import interchange, member, segments, transaction_set

DAY = Period(qualifier="472", first=date(2026, 10, 1), last=date(2026, 10, 1))
ICN = "ICN0000000001"


def _told(*members: tuple[str, ...], days: int = 0) -> Desk:
    desk = Desk()
    for number, each in enumerate(members, start=1):
        desk.receive(interchange(transaction_set(each), number=number))
    desk.wait(days)
    return desk


def _answers(desk: Desk, content: bytes) -> list[ClaimAnswer]:
    desk.receive(content)
    return [each for response in read_277(desk.files("277")[-1]) for each in claim_answers(response)]


def _status(answer: ClaimAnswer) -> str:
    status = answer.information[0].statuses[0]
    return ":".join(filter(None, (status.category, status.status, status.entity)))


def _of(member_id: str, *, days: int = 0) -> str:
    (answer,) = _answers(_told(member(member_id), days=days), asked_claims(member_id, claim(number="C1")))
    return _status(answer)


@pytest.mark.parametrize(
    ("member_id", "days", "status"),
    [
        ("PAID1", 0, "F1:65"),
        ("ZERO1", 0, "F4:104"),
        ("LATE1", 0, "P1:20"),
        ("LATE1", 14, "F1:65"),
        ("PEND1", 0, "P2:46"),
        ("PEND1", 30, "F1:65"),
        ("DENY50", 0, "F2:287"),
        ("DENY197", 0, "F2:84"),
        ("DENY29", 0, "F2:718"),
        ("DENY27", 0, "F2:88:IL"),
        ("DENY4", 0, "F2:585"),
        ("DUPL1", 0, "F2:54"),
        ("TAKE1", 30, "F2:88:IL"),
        ("REJC1", 0, "A7:164:IL"),
        ("REJP1", 0, "A3:33:IL"),
        ("R9991", 0, "D0:35"),
        ("RTA11", 0, "D0:35"),
    ],
)
def test_says_what_became_of_a_claim(member_id: str, days: int, status: str) -> None:
    assert _of(member_id, days=days) == status


def test_says_what_was_paid_when_and_how() -> None:
    desk = _told(member("PAID1", charges=("100", "50")))
    (answer,) = _answers(desk, asked_claims("PAID1", claim(icn=ICN)))
    (said,) = answer.information

    assert (said.charge_cents, said.paid_cents) == (150_00, 120_00)
    assert (said.payment_method, said.check_number) == ("CHK", desk.office.book.checks[0].trace_number)
    assert (said.effective_on, said.adjudicated_on, said.paid_on) == (TODAY, TODAY, TODAY)
    assert (answer.payer_control_number, answer.patient_control_number) == (ICN, "C1")
    assert answer.periods == (DAY,)


def test_says_that_no_money_went_out_for_a_denial() -> None:
    (answer,) = _answers(_told(member("DENY50")), asked_claims("DENY50", claim(icn=ICN)))

    assert (answer.information[0].paid_cents, answer.information[0].payment_method) == (0, "NON")


def test_says_that_a_claim_was_voided() -> None:
    void = member("PAID1", "A2", frequency="8", numbers=(f"REF*F8*{ICN}",))
    answers = _answers(
        _told(member("PAID1", "A1"), void), asked_claims("PAID1", claim(number="A1"), claim(number="A2"))
    )

    assert [_status(each) for each in answers] == ["F3:101", "F3:101"]
    assert [each.information[0].check_number for each in answers] == ["", ""]


def test_says_that_a_claim_was_replaced() -> None:
    again = member("PAID1", "A2", frequency="7", charges=("200",), numbers=(f"REF*F8*{ICN}",))
    answers = _answers(
        _told(member("PAID1", "A1"), again), asked_claims("PAID1", claim(number="A1"), claim(number="A2"))
    )

    assert [_status(each) for each in answers] == ["F3:101", "F1:65"]


def test_finds_a_claim_by_each_of_its_marks() -> None:
    desk = _told(member("PAID1", "A1"), member("PAID1", "A2", charges=("70",)), member("PAID1", "A3", day="20261015"))
    answers = _answers(
        desk,
        asked_claims(
            "PAID1",
            claim(icn="ICN0000000002"),
            claim(icn="ICN0000000099", number="A3"),
            claim(days=DAY, charge_cents=100_00),
            claim(days=DAY, charge_cents=70_00),
            claim(days=replace(DAY, first=date(2026, 10, 2), last=date(2026, 10, 31))),
            claim(days=DAY, charge_cents=1),
            claim(charge_cents=100_00),
            claim(number="A9"),
        ),
    )

    assert [each.patient_control_number for each in answers] == ["A2", "A3", "A1", "A2", "A3", "", "", "A9"]
    assert [_status(each) for each in answers] == ["F1:65"] * 5 + ["D0:35"] * 3


def test_speaks_of_a_claim_only_to_those_who_know_whose_it_is() -> None:
    desk = _told(member("PAID1"))
    (of_another,) = _answers(desk, asked_claims("PAID2", claim(icn=ICN, number="C1", days=DAY)))
    elsewhere = asked_claims("PAID1", claim(icn=ICN), number=91, payer=replace(PAYER, id="OTHER"))
    (at_another,) = _answers(desk, elsewhere)

    assert [_status(each) for each in (of_another, at_another)] == ["D0:35", "D0:35"]
    assert of_another.payer_control_number == ""


def test_says_the_latest_of_a_number_that_came_twice() -> None:
    desk = _told(member("REJP1"), member("REJP1", charges=("80",)))
    (answer,) = _answers(desk, asked_claims("REJP1", claim(number="C1")))

    assert answer.information[0].charge_cents == 80_00


def test_finds_what_came_after_it_was_first_asked() -> None:
    desk = _told(member("PAID1"))
    question = claim(number="A2")
    (before,) = _answers(desk, asked_claims("PAID1", question))
    desk.receive(interchange(transaction_set(member("PAID1", "A2")), number=7))
    (after,) = _answers(desk, asked_claims("PAID1", question, number=91))

    assert [_status(each) for each in (before, after)] == ["D0:35", "F1:65"]


def test_answers_lines_one_by_one() -> None:
    desk = _told(member("PART1", charges=("100", "50"), procedures=("99213:25", "97110")))
    asked_lines = (line("L2", charge_cents=50_00), line("", "99213"), line("L9", "70551"))
    (answer,) = _answers(desk, asked_claims("PART1", claim(number="C1", lines=asked_lines)))
    said = [(each.information[0].statuses[0], each.service_line.paid_cents) for each in answer.lines]

    assert [(status.category, status.status, paid) for status, paid in said] == [
        ("F2", "585", 0),
        ("F1", "65", 80_00),
        ("D0", "35", 0),
    ]
    assert [each.line_control_number for each in answer.lines] == ["L2", "", "L9"]


def test_answers_lines_that_wait() -> None:
    desk = _told(member("PEND1"))
    (answer,) = _answers(desk, asked_claims("PEND1", claim(number="C1", lines=(line("L1"),))))

    assert answer.lines[0].information[0].statuses[0].category == "P2"


def test_answers_at_the_level_of_the_dependent_and_brings_numbers_back() -> None:
    desk = _told(member("PAID1", child=True))
    desk.receive(asked_claims("PAID1", claim(number="C1", trace="T77"), is_child=True))
    (response,) = read_277(desk.files("277")[0])
    subscriber = response.sources[0].receivers[0].providers[0].subscribers[0]
    (answer,) = subscriber.dependents[0].claims

    assert desk.kinds()[-2:] == ["999", "277"]
    assert response.reference == "ASK9"
    assert (subscriber.claims, answer.trace.kind, answer.trace.number) == ((), "2", "T77")
    assert [(each.qualifier, each.number) for each in answer.references][-1] == ("D9", "CH00001")


def test_changes_no_book_and_pays_nothing() -> None:
    desk, other = _told(member("LATE1"), member("PAID1")), _told(member("LATE1"), member("PAID1"))
    desk.receive(asked_claims("LATE1", claim(number="C1")))
    for each in (desk, other):
        each.wait(14)

    assert desk.office.book.pages() == other.office.book.pages()
    assert len(desk.files("835")) == len(other.files("835")) == 2


def test_refuses_another_guide_and_what_no_answer_can_repeat() -> None:
    content = asked_claims("PAID1", claim(number="C1"))
    verdicts = []
    for wrong in (content.replace(b"X212", b"X214"), content.replace(b"TRN*1*ASK", b"TRN*1*A|K")):
        desk = _told(member("PAID1"))
        desk.receive(wrong)
        verdicts += [each[1:] for each in segments(desk.files("999")[-1]) if each[0] == "IK5"]
        assert desk.files("277") == []

    assert verdicts == [["R", "I6"], ["R", "5"]]


EVERY = ("PAID1", "ZERO1", "LATE1", "PEND1", "DENY27", "DENY50", "REJC1", "REJP1", "TAKE1", "CROS1", "INTR1")


@needs_lfh
def test_writes_what_an_independent_program_calls_valid() -> None:
    desk = _told(*[member(each, each) for each in EVERY], days=30)
    for number, each in enumerate(EVERY):
        of_line = claim(number=each, lines=(line("L1"),))
        desk.receive(asked_claims(each, claim(number=each), claim(number="NONE"), of_line, number=100 + number))
        desk.receive(asked_claims(each, claim(number=each), is_child=True, number=200 + number))
    files = desk.files("277")

    assert len(files) == 2 * len(EVERY)
    assert [each for each in lfh_complaints(files) if each] == []


WHOLE = asked_claims("PAID1", claim(icn=ICN, days=DAY, charge_cents=100_00), claim(number="C1", lines=(line("L1"),)))


@example(WHOLE.index(b"*ZZ*") + 1, 1, ":")  # no answer can name its sender
@given(
    st.integers(0, len(WHOLE) - 1),
    st.integers(0, 60),
    st.text(alphabet="*:~^ A1.-\n\x00", max_size=12) | st.binary(max_size=6).map(lambda found: found.decode("latin-1")),
)
def test_answers_whatever_is_done_to_a_file(start: int, length: int, instead: str) -> None:
    desk = _told(member("PAID1"))
    seen = len(desk.kinds())
    desk.receive(WHOLE[:start] + instead.encode() + WHOLE[start + length :])

    assert desk.kinds()[seen] in {"999", "ta1"}


@given(st.lists(st.text(alphabet="AB1.:-^", max_size=8), min_size=1, max_size=6), st.integers(0, 60))
def test_answers_whatever_stands_in_a_segment(elements: list[str], at: int) -> None:
    parts = WHOLE.decode().split("~")
    place = 3 + at % (len(parts) - 7)
    parts[place] = "*".join([parts[place].partition("*")[0], *elements])
    desk = _told(member("PAID1"))
    seen = len(desk.kinds())
    desk.receive("~".join(parts).encode())

    assert desk.kinds()[seen] in {"999", "ta1"}
