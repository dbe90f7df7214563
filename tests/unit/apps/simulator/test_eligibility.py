"""270 in, 271 out: what a payer says of a plan and a year, at which level, and when it says nothing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.simulator.directory import Directory, read_scenario_file
from apps.simulator.eligibility import DAYS_AHEAD_MAX, DAYS_BACK_MAX
from apps.simulator.scenario import SCENARIOS
from shared.x12.segments import Procedure
from shared.x12.sets import t270_x279a1 as t270
from shared.x12.sets.t271_x279a1 import Benefit, InsuredDependent, InsuredSubscriber, patients, read_271
from tests.support.x12_oracles import lfh_complaints, needs_lfh
from tests.unit.apps.simulator.asking import GENERAL, TODAY, Desk, about, asked, child, envelope, on, subscriber
from tests.unit.apps.simulator.interchanges import interchange, member, segments, transaction_set

SCENARIO_FILE = """
[[plans]]
name = "gold"
deductible_cents = 100000
coinsurance_percent = 15
copay_cents = 3000
out_of_pocket_max_cents = 250000
filing_days_max = 90
authorization_for = ["70551", "97110"]
not_covered = ["15820"]

[[members]]
payer_id = "EXHP1"
member_id = "GOLDEN1"
plan = "gold"
effective_on = 2026-03-01
terminated_on = 2026-10-31
"""


def _said(
    *subscribers: t270.Subscriber, directory: Directory | None = None
) -> list[InsuredSubscriber | InsuredDependent]:
    desk = Desk(directory)
    desk.receive(asked(about(*subscribers)))
    return [person for content in desk.files("271") for response in read_271(content) for person in patients(response)]


def _benefits(subscriber_: t270.Subscriber, directory: Directory | None = None) -> tuple[Benefit, ...]:
    (person,) = _said(subscriber_, directory=directory)
    assert person.rejections == ()
    return person.benefits


def _amounts(benefits: tuple[Benefit, ...]) -> list[tuple[str, str, int | None]]:
    return [(each.code, each.time_qualifier, each.amount_cents) for each in benefits if each.code in {"C", "G", "B"}]


def test_answers_in_the_order_of_the_trade_and_takes_the_question() -> None:
    desk = Desk()
    desk.receive(asked(about(subscriber("PAID1")), about(subscriber("PAID2"), reference="ASK2")))

    assert desk.kinds() == ["999", "271"]
    assert [each[1:] for each in segments(desk.files("999")[0]) if each[0] == "IK5"] == [["A"], ["A"]]
    (content,) = desk.files("271")
    assert [response.reference for response in read_271(content)] == ["ASK1", "ASK2"]


def test_brings_back_who_asked_whom_and_under_which_number() -> None:
    desk = Desk()
    desk.receive(asked(about(subscriber("PAID1"))))
    (response,) = read_271(desk.files("271")[0])
    (person,) = patients(response)

    assert (response.sources[0].entity.id, response.sources[0].receivers[0].entity.npi) == ("EXHP1", "1234567893")
    assert [(each.kind, each.number, each.originator) for each in person.traces] == [("2", "TRACE0001", "9877281234")]
    assert (person.individual.entity.id, person.individual.birth_on) == ("PAID1", date(1970, 5, 15))
    assert [(each.qualifier, each.number) for each in person.individual.references] == [("EJ", "PATIENT7")]


def test_answers_in_the_separators_of_the_file() -> None:
    desk = Desk()
    desk.receive(asked(about(subscriber("PAID1"))).replace(b"~", b"\n").replace(b"*", b"|"))

    assert b"\nEB|1|IND|30||open\n".replace(b"open", b"OPEN") in desk.office.mailbox[-1].content


def test_says_that_a_member_nobody_enrolled_is_active() -> None:
    active, *_ = _benefits(subscriber("M4711"))

    assert (active.code, active.service_types, active.plan) == ("1", ("30",), "OPEN")
    assert active.authorization == ""


def test_answers_for_the_service_types_that_were_asked() -> None:
    inquiry = t270.BenefitInquiry(service_types=("98", "30", "ZZ9"))

    assert {each.service_types for each in _benefits(subscriber("PAID1", inquiry))} == {("30", "98")}


def test_says_what_a_member_bears_of_each_visit() -> None:
    benefits = _benefits(subscriber("DEDU1"))

    assert _amounts(benefits) == [("C", "27", 40_00), ("B", "27", 15_00)]
    assert [each.percent for each in benefits if each.code == "A"] == [Decimal("0.2")]


def test_says_what_is_left_of_a_year_that_moves() -> None:
    desk = Desk()
    desk.receive(asked(about(subscriber("YEAR1"))))
    desk.receive(interchange(transaction_set(member("YEAR1", charges=("375",))), number=2))
    desk.receive(asked(about(subscriber("YEAR1"), subscriber("YEAR1", day=date(2025, 12, 1))), number=3))
    before, after, last_year = (
        _amounts(person.benefits)
        for content in desk.files("271")
        for response in read_271(content)
        for person in patients(response)
    )

    assert before == last_year
    assert before == [
        ("C", "23", 500_00),
        ("C", "29", 500_00),
        ("G", "23", 1_500_00),
        ("G", "29", 1_500_00),
        ("B", "27", 25_00),
    ]
    assert [each for each in after if each[1] == "29"] == [("C", "29", 200_00), ("G", "29", 1_200_00)]


def test_says_from_when_to_when_an_inactive_plan_held() -> None:
    directory = read_scenario_file(SCENARIO_FILE, seed=7)
    inside, before, behind = _said(
        subscriber("GOLDEN1", day=date(2026, 10, 31)),
        subscriber("golden1", day=date(2026, 2, 28)),
        subscriber("GOLDEN1"),
        directory=directory,
    )
    days = [("346", date(2026, 3, 1)), ("347", date(2026, 10, 31))]

    assert inside.benefits[0].code == "1"
    for person in (before, behind):
        assert [each.code for each in person.benefits] == ["6"]
    for person in (inside, before, behind):
        assert [(each.qualifier, each.first) for each in person.individual.periods] == days


def test_says_that_coverage_ended_with_last_year() -> None:
    today, then = _said(subscriber("TERM1"), subscriber("TERM1", day=date(2025, 12, 31)))

    assert [each.code for each in today.benefits] == ["6"]
    assert [(each.qualifier, each.first) for each in today.individual.periods] == [("347", date(2025, 12, 31))]
    assert then.benefits[0].code == "1"


def test_says_what_has_to_be_authorized_and_what_is_not_covered() -> None:
    directory = read_scenario_file(SCENARIO_FILE, seed=7)
    benefits = _benefits(subscriber("GOLDEN1", day=date(2026, 6, 1)), directory)

    assert [
        (each.code, each.procedure.code, each.authorization) for each in benefits if each.procedure is not None
    ] == [("CB", "70551", "Y"), ("CB", "97110", "Y"), ("I", "15820", "")]
    assert benefits[0].messages == ("FILE CLAIMS WITHIN 90 DAYS",)
    assert _benefits(subscriber("AUTH1"))[0].authorization == "Y"


def test_says_of_the_procedure_that_was_asked_that_it_has_to_be_authorized() -> None:
    inquiry = t270.BenefitInquiry(procedure=Procedure(code="99213"))

    assert [each.procedure.code for each in _benefits(subscriber("AUTH1", inquiry)) if each.procedure] == ["99213"]


def test_answers_a_dependent_at_its_own_level() -> None:
    (person,) = _said(subscriber("TERM1", dependents=(child(),)))

    assert isinstance(person, InsuredDependent)
    assert person.individual.relation == t270.Relation(relationship="19")
    assert [each.number for each in person.traces] == ["TRACE0002"]
    assert [each.code for each in person.benefits] == ["6"]


@pytest.mark.parametrize(
    ("member_id", "reason", "valid", "follow_up"),
    [
        ("AAA", "75", "N", "C"),
        ("AAA72X1", "72", "N", "C"),
        ("AAA42X1", "42", "Y", "R"),
        ("AAA78", "78", "N", "N"),
        ("AAA04", "04", "N", "C"),
        ("", "72", "N", "C"),
    ],
)
def test_says_why_it_does_not_answer(member_id: str, reason: str, valid: str, follow_up: str) -> None:
    (person,) = _said(subscriber(member_id))

    assert [(each.reason, each.valid, each.follow_up) for each in person.rejections] == [(reason, valid, follow_up)]
    assert person.benefits == ()
    assert [each.number for each in person.traces] == ["TRACE0001"]


def test_refuses_a_dependent_where_the_subscriber_is_not_found() -> None:
    (person,) = _said(subscriber("AAA75", dependents=(child(), child(trace="TRACE0003"))))

    assert isinstance(person, InsuredSubscriber)
    assert [each.reason for each in person.rejections] == ["75"]
    assert [each.number for each in person.traces] == ["TRACE0002", "TRACE0003"]


@pytest.mark.parametrize(
    ("days", "reasons"),
    [(-DAYS_BACK_MAX - 1, ["62"]), (-DAYS_BACK_MAX, []), (DAYS_AHEAD_MAX, []), (DAYS_AHEAD_MAX + 1, ["63"])],
)
def test_answers_for_days_within_reach(days: int, reasons: list[str]) -> None:
    day = TODAY + timedelta(days=days)
    alone, dependent = _said(subscriber("PAID1", day=day), subscriber("PAID1", dependents=(child(day=day),)))
    inquiry = t270.BenefitInquiry(service_types=("30",), periods=on(day))
    (of_inquiry,) = _said(subscriber("PAID1", inquiry))

    for person in (alone, dependent):
        assert [each.reason for each in person.rejections] == reasons
        assert bool(person.benefits) != bool(reasons)
    assert of_inquiry.rejections == ()
    assert [each.reason for benefit in of_inquiry.benefits for each in benefit.rejections] == reasons


def test_answers_for_as_long_as_the_operating_rules_want_it() -> None:
    back, end_of_month = TODAY - timedelta(days=366), TODAY + timedelta(days=30)

    for day in (back, end_of_month):
        assert _benefits(subscriber("PAID1", day=day))[0].code == "1"


def test_answers_each_day_that_is_asked_about() -> None:
    past = t270.BenefitInquiry(service_types=("30",), periods=on(date(2025, 12, 31)))

    benefits = _benefits(subscriber("TERM1", past, GENERAL))

    assert [each.code for each in benefits if each.code in "16"] == ["1", "6"]


def test_touches_neither_book_nor_year() -> None:
    desk, other = Desk(), Desk()
    desk.receive(asked(about(subscriber("YEAR1"))))
    for each in (desk, other):
        each.receive(interchange(transaction_set(member("YEAR1")), number=2))

    assert desk.office.book.pages() == other.office.book.pages()
    assert desk.office.accumulators == other.office.accumulators


def test_refuses_another_guide_and_what_cannot_be_read() -> None:
    desk = Desk()
    content = asked(about(subscriber("PAID1")), about(subscriber("PAID2")), about(subscriber("PAID3")))
    first, second, third = content.split(b"ST*270*")[1:]
    desk.receive(
        content.replace(first, first.replace(b"X279A1", b"X279XX")).replace(
            second, second.replace(b"DMG*D8*19700515", b"DMG*D8*19701315")
        )
    )

    assert [each[1:] for each in segments(desk.files("999")[0]) if each[0] == "IK5"] == [
        ["R", "I6"],
        ["R", "5"],
        ["A"],
    ]
    assert [each[1] for each in segments(desk.files("999")[0]) if each[0] == "IK3"] == ["DMG"]
    assert third
    assert [each[9] for each in segments(desk.files("271")[0]) if each[:2] == ["NM1", "IL"]] == ["PAID3"]


def test_refuses_what_no_answer_can_repeat() -> None:
    desk = Desk()
    desk.receive(asked(about(subscriber("PAID1"))).replace(b"TRN*1*TRACE0001", b"TRN*1*TRACE|001"))

    assert desk.kinds() == ["999"]
    assert [each[1:] for each in segments(desk.files("999")[0]) if each[0] == "IK5"] == [["R", "5"]]


def test_answers_questions_and_claims_of_one_interchange() -> None:
    claims = interchange(transaction_set(member("PAID1"))).split(b"~")
    questions = asked(about(subscriber("PAID1")), number=2).split(b"~")
    mixed = [*claims[:-2], *questions[1:-2], b"IEA*2*000000001", b""]
    desk = Desk()
    desk.receive(b"~".join(mixed))

    assert desk.kinds() == ["999", "271", "277ca", "277ca", "835"]


WHOLE = asked(
    about(subscriber("PAID1"), subscriber("YEAR1", dependents=(child(), child()))), about(subscriber("AAA75"))
)


@needs_lfh
def test_writes_what_an_independent_program_calls_valid() -> None:
    desk = Desk(read_scenario_file(SCENARIO_FILE, seed=7))
    everyone = [*SCENARIOS, "DENY27A1", "AAA15X", "GOLDEN1", "M1"]
    everyone.remove("AAA")  # of the reasons for persons the program knows those only that payers have, too
    for number, member_id in enumerate(everyone, start=1):
        person = subscriber(member_id), subscriber(member_id, dependents=(child(),))
        desk.receive(asked(*(about(each) for each in person), number=number))
    files = desk.files("271")

    assert len(files) == len(everyone)
    assert [each for each in lfh_complaints(files) if each] == []


@given(
    st.integers(0, len(WHOLE) - 1),
    st.integers(0, 60),
    st.text(alphabet="*:~^ A1.-\n\x00", max_size=12) | st.binary(max_size=6).map(lambda found: found.decode("latin-1")),
)
def test_answers_whatever_is_done_to_a_file(start: int, length: int, instead: str) -> None:
    desk = Desk()
    desk.receive(WHOLE[:start] + instead.encode() + WHOLE[start + length :])

    assert desk.kinds()[0] in {"999", "ta1"}


@given(st.lists(st.text(alphabet="AB1.:-^", max_size=8), min_size=1, max_size=6), st.integers(0, 60))
def test_answers_whatever_stands_in_a_segment(elements: list[str], at: int) -> None:
    parts = WHOLE.decode().split("~")
    place = 3 + at % (len(parts) - 7)
    parts[place] = "*".join([parts[place].partition("*")[0], *elements])
    desk = Desk()
    desk.receive("~".join(parts).encode())

    assert desk.kinds()[0] in {"999", "ta1"}


def test_is_asked_under_the_envelope_of_the_practice() -> None:
    desk = Desk()
    desk.receive(asked(about(subscriber("PAID1"))))
    isa = segments(desk.files("271")[0])[0]

    assert (isa[6].strip(), isa[8].strip(), isa[15]) == ("SIMCLEAR", envelope().sender_id, "T")
