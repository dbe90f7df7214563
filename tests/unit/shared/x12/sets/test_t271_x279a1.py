"""271: who is insured how, or why nobody can say."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from shared.x12.malformed import MalformedX12, MisplacedSegment, UnexpectedTransaction, UnreadableSegment
from shared.x12.segments import Contact, Entity
from shared.x12.separators import Separators
from shared.x12.sets.t271_x279a1 import (
    AnsweredReceiver,
    AnsweringSource,
    Benefit,
    Condition,
    EligibilityResponse,
    InsuredSubscriber,
    Rejection,
    RelatedEntity,
    patients,
    read_271,
    write_271,
)
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import lfh_complaints, needs_lfh
from tests.unit.shared.x12 import strategies
from tests.unit.shared.x12.coming_back import BOUNDED, comes_back, others_find_each, others_find_nothing, refusal_of
from tests.unit.shared.x12.eligibility import (
    ACTIVE,
    CLINIC,
    COPAY,
    INSURED,
    INSURED_CHILD,
    PAYER,
    PRIMARY_CARE,
    REFUSED,
    UNKNOWN_MEMBER,
    VISITS,
    answer,
    answers,
)
from tests.unit.shared.x12.examples import ENVELOPE, SAMPLES, needs_samples

NOT_ELIGIBLE = AnsweredReceiver(entity=CLINIC, rejections=(Rejection(valid="Y", reason="50", follow_up="N"),))
DOWN = AnsweringSource(entity=PAYER, level_rejections=(Rejection(valid="Y", reason="42", follow_up="R"),))


def _written(*responses: EligibilityResponse) -> bytes:
    return write_271(responses, envelope=ENVELOPE, first_control_number=1)


def _with(benefit: Benefit) -> EligibilityResponse:
    return answer(replace(INSURED, benefits=(benefit,)))


def test_an_answer_is_written_as_the_guide_says() -> None:
    text = _written(answer(INSURED)).decode()

    assert "~BHT*0022*11*ASK1*20260201*1200~HL*1**20*1~NM1*PR*" in text
    assert "~HL*3*2*22*0~TRN*2*TRACE0001*9877281234~NM1*IL*1*DOE*JOHN*" in text
    assert "~EB*1**30*HM*GOLD 123~EB*B*IND*98^UC*HM*GOLD 123*27*30.5****N*Y~REF*18*PLAN7*GOLD~DTP*292*RD8*" in text
    assert "~MSG*NOT FOR TELEHEALTH~EB*A**30*****0.2****N~" in text
    assert "~EB*F**33******99*12***HC:98940:AT~HSD*VS*12*WK*3*34*1~EB*L~LS*2120~NM1*P3*1*JONES*" in text
    assert "~PER*IC*DESK*TE*3055551234*EM*DESK@EXAMPLE.TEST~PRV*PC*PXC*207Q00000X~LE*2120~SE*" in text


def test_answers_come_back_as_they_went() -> None:
    said = (answer(INSURED, INSURED_CHILD), answer(REFUSED))

    assert read_271(_written(*said)) == said


@pytest.mark.parametrize(
    "sources", [(replace(DOWN, receivers=()),), (AnsweringSource(entity=PAYER, receivers=(NOT_ELIGIBLE,)),)]
)
def test_a_question_can_be_refused_at_every_level(sources: tuple[AnsweringSource, ...]) -> None:
    refused = EligibilityResponse(reference="ASK1", sources=sources)

    assert read_271(_written(refused)) == (refused,)
    assert list(patients(refused)) == []


def test_a_refusal_says_why_and_what_may_be_done() -> None:
    (read,) = read_271(_written(answer(REFUSED)))

    (patient,) = patients(read)
    (rejection,) = patient.rejections
    assert (rejection.valid, rejection.reason, rejection.follow_up) == ("N", "79", "C")
    assert rejection.raw == ("AAA*N**79*C",)
    assert patient.traces[0].number == "TRACE0001"


def test_everybody_who_was_answered_about_is_a_patient_once() -> None:
    (read,) = read_271(_written(answer(INSURED, INSURED_CHILD, REFUSED)))

    assert [patient.individual.entity.role for patient in patients(read)] == ["IL", "03", "IL"]


@given(answers(judged=False), strategies.SEPARATORS)
@BOUNDED
def test_what_is_written_is_read_as_it_was(said: EligibilityResponse, separators: Separators) -> None:
    comes_back(said, separators, write_271, read_271)


@needs_lfh
def test_an_answer_about_one_person_is_valid_under_another_implementation() -> None:
    not_eligible = EligibilityResponse(
        reference="ASK1", sources=(AnsweringSource(entity=PAYER, receivers=(NOT_ELIGIBLE,)),)
    )
    files = [_written(said) for said in (answer(INSURED), answer(INSURED_CHILD), answer(REFUSED), not_eligible)]

    assert lfh_complaints(files) == [""] * 4


@needs_lfh
def test_every_written_answer_is_valid_under_another_implementation() -> None:
    others_find_nothing(answers(judged=True), _written, siblings=True)


@needs_lfh
def test_the_other_implementation_finds_what_is_broken() -> None:
    broken = [
        ("EB*1**30", "EB*1X**30"),
        ("EB*1**30", "EB*1**3X"),
        ("NM1*PR*2*KEY", "NM1*ZZ*2*KEY"),
        ("SE*3", "SE*2"),
    ]

    others_find_each(_written(answer(INSURED)).decode(), broken)


def test_codes_that_nobody_knows_are_kept() -> None:
    text = _written(answer(INSURED)).decode().replace("EB*B*IND*98^UC*HM*", "EB*QQ*XXX*9Z^UC*??*")

    (patient,) = patients(read_271(text.encode())[0])

    copay = patient.benefits[1]
    assert (copay.code, copay.coverage_level, copay.service_types) == ("QQ", "XXX", ("9Z", "UC"))
    assert copay.insurance_type == "??"


def test_a_benefit_keeps_its_segments_with_those_of_others_that_it_names() -> None:
    (patient,) = patients(read_271(_written(answer(INSURED)))[0])

    named = patient.benefits[-1]
    assert named.raw[:2] == ("EB*L", "LS*2120")
    assert named.related[0].raw[0].startswith("NM1*P3*1*JONES*BOB")
    assert not {"DOE", "JOHN", "JONES"} & set(repr(patient).replace("'", " ").split())


def test_what_stands_behind_the_others_belongs_to_the_benefit_again() -> None:
    text = _written(answer(replace(INSURED, benefits=(PRIMARY_CARE,)))).decode()
    count = int(text.split("SE*")[1].split("*")[0])
    later = text.replace("LE*2120~", "LE*2120~DTP*292*D8*20260101~MSG*CALL FIRST~").replace(
        "LS*2120~", "LS*2120~N3*1 A ST~"
    )

    (patient,) = patients(read_271(later.replace(f"SE*{count}*", f"SE*{count + 3}*").encode())[0])

    (benefit,) = patient.benefits
    assert benefit.messages == ("CALL FIRST",)
    assert benefit.periods[0].qualifier == "292"
    assert [other.entity.role for other in benefit.related] == ["", "P3"]


@pytest.mark.parametrize(
    ("broken", "error", "segment_id"),
    [
        (("*27*30.5*", "*27*30,5*"), UnreadableSegment, "EB"),
        (("*****0.2*", "*****20%*"), UnreadableSegment, "EB"),
        (("HSD*VS*12*", "HSD*VS*TWELVE*"), UnreadableSegment, "HSD"),
        (("DTP*292*RD8*20260101-20261231", "DTP*292*RD8*20260101-2026"), UnreadableSegment, "DTP"),
        (("HL*3*2*22*0", "HL*3**22*0"), MisplacedSegment, "HL"),
        (("ST*271*", "ST*270*"), UnexpectedTransaction, "ST"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(
    broken: tuple[str, str], error: type[MalformedX12], segment_id: str
) -> None:
    refusal = refusal_of(_written(answer(INSURED)).decode(), broken, read_271)

    assert type(refusal) is error
    assert refusal.segment_id == segment_id


FOUR_NUMBERS = RelatedEntity(entity=PAYER, contacts=(Contact(numbers=(("TE", "1"),) * 4),))
UNWRITABLE: dict[str, EligibilityResponse] = {
    "nobody answers": EligibilityResponse(reference="ASK1", sources=()),
    "nobody is answered": EligibilityResponse(reference="ASK1", sources=(AnsweringSource(entity=PAYER),)),
    "about nobody": answer(),
    "no code": _with(replace(COPAY, code="")),
    "quantity of nothing": _with(replace(COPAY, quantity=Decimal(3))),
    "no quantity": _with(replace(COPAY, quantity_qualifier="VS")),
    "empty message": _with(replace(COPAY, messages=("",))),
    "nameless role": _with(replace(COPAY, related=(RelatedEntity(entity=Entity(role="", name="X")),))),
    "four numbers": _with(replace(COPAY, related=(FOUR_NUMBERS,))),
    "reserved character": _with(replace(COPAY, authorization="*")),
}


@pytest.mark.parametrize("why", UNWRITABLE)
def test_what_the_guide_has_no_place_for_is_not_written(why: str) -> None:
    with pytest.raises(CannotBeWritten):
        _written(UNWRITABLE[why])


def test_a_file_without_an_answer_is_not_written() -> None:
    with pytest.raises(CannotBeWritten):
        _written()


def test_a_condition_and_a_quantity_have_their_kinds() -> None:
    benefit = replace(VISITS, quantity_qualifier="VS", conditions=(Condition(qualifier="ZZ", code="11"),))
    said = answer(replace(INSURED, benefits=(ACTIVE, benefit)))

    assert read_271(_written(said)) == (said,)
    assert b"~EB*F**33******VS*12*" in _written(said)
    assert b"~III*ZZ*11~SE*" in _written(said)


def test_a_dependent_is_refused_apart_from_the_subscriber() -> None:
    (child,) = INSURED_CHILD.dependents
    family = replace(INSURED_CHILD, dependents=(replace(child, benefits=(), rejections=(UNKNOWN_MEMBER,)),))

    (read,) = read_271(_written(answer(family)))

    (patient,) = patients(read)
    assert not isinstance(patient, InsuredSubscriber)
    assert patient.rejections == (UNKNOWN_MEMBER,)


@needs_samples
@pytest.mark.parametrize(
    "name",
    [
        "LinuxForHealth-x12_demo",
        "X12-Parser-Encoder_271_active_response",
        "X12-Parser-Encoder_gainwell_271_redacted",
        "kputnam-stupidedi_error_response_from_payer_to_clinic_not_eligible_for_inquiri",
        "kputnam-stupidedi_response_to_generic_request_by_physician_for_patient_depende",
    ],
)
def test_valid_samples_are_read_fully(name: str) -> None:
    text = (SAMPLES / "271" / f"{name}.edi").read_text()
    tags = [part.strip().split(text[3])[0] for part in text.split(text[105])]

    read = read_271(text.encode())

    people = [patient for response in read for patient in patients(response)]
    receivers = [receiver for response in read for source in response.sources for receiver in source.receivers]
    refused = [each for one in (*people, *receivers) for each in one.rejections]
    assert len(read) == tags.count("ST")
    assert sum(len(person.benefits) for person in people) == tags.count("EB")
    assert len(refused) == tags.count("AAA")
    assert sum(len(benefit.related) for person in people for benefit in person.benefits) == tags.count("LS")
