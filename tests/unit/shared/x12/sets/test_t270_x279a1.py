"""270: what is asked is what was meant, and goes to whom it may."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from shared.x12.malformed import MalformedX12, MisplacedSegment, UnexpectedTransaction, UnreadableSegment
from shared.x12.segments import Contact, Entity, Period, Procedure
from shared.x12.separators import Separators
from shared.x12.sets.t270_x279a1 import BenefitInquiry, EligibilityRequest, people, read_270, write_270
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import lfh_complaints, needs_lfh
from tests.unit.shared.x12 import strategies
from tests.unit.shared.x12.coming_back import BOUNDED, comes_back, others_find_each, others_find_nothing, refusal_of
from tests.unit.shared.x12.eligibility import (
    CLINIC,
    FOR_PROCEDURE,
    GENERAL,
    JOHN,
    OF_JOHN,
    OF_SALLY,
    SALLY,
    question,
    questions,
)
from tests.unit.shared.x12.examples import ENVELOPE, SAMPLES, needs_samples


def _written(*requests: EligibilityRequest) -> bytes:
    return write_270(requests, envelope=ENVELOPE, first_control_number=1)


def test_a_question_is_written_as_the_guide_says() -> None:
    text = _written(question(OF_JOHN, OF_SALLY)).decode()

    assert "~BHT*0022*13*ASK1*20260201*1200~HL*1**20*1~NM1*PR*2*KEY INSURANCE*****PI*99999~" in text
    assert "~HL*2*1*21*1~NM1*1P*2*ACME CLINIC*****XX*1234567893~PRV*BI*PXC*207Q00000X~" in text
    assert "~HL*3*2*22*0~TRN*1*TRACE0001*9877281234*DESK 4~NM1*IL*1*DOE*JOHN*Q***MI*MBR00000001~REF*6P*" in text
    assert "~N4*TAMPA*FL*336020001~DMG*D8*19700515*M~DTP*291*D8*20260201~EQ*30^98~" in text
    assert "~HL*4*2*22*1~NM1*IL*1*DOE*JOHN*Q***MI*MBR00000001~HL*5*4*23*0~TRN*1*" in text
    assert "~DMG*D8*20150704*F~INS*N*19***************2~HI*ABK:J069~DTP*291*RD8*20260201-20260228~" in text
    assert "~EQ**HC:99213:25***1~III*ZZ*11~REF*G1*AUTH77~DTP*291*D8*20260201~SE*" in text


def test_a_question_comes_back_as_it_went() -> None:
    asked = (question(OF_JOHN, OF_SALLY), question(OF_SALLY))

    read = read_270(_written(*asked))

    assert read == asked
    assert [one.control_number for one in read] == ["0001", "0002"]


@given(questions(judged=False), strategies.SEPARATORS)
@BOUNDED
def test_what_is_written_is_read_as_it_was(asked: EligibilityRequest, separators: Separators) -> None:
    comes_back(asked, separators, write_270, read_270)


@needs_lfh
def test_a_question_about_one_person_is_valid_under_another_implementation() -> None:
    (child,) = OF_SALLY.dependents
    asked = [
        question(OF_JOHN),
        question(
            replace(
                OF_SALLY, dependents=(replace(child, inquiries=(replace(GENERAL, facility_types=(("ZZ", "11"),)),)),)
            )
        ),
    ]

    assert lfh_complaints([_written(one) for one in asked]) == ["", ""]


@needs_lfh
def test_every_written_question_is_valid_under_another_implementation() -> None:
    others_find_nothing(questions(judged=True), _written, siblings=True)


@needs_lfh
def test_the_other_implementation_finds_what_is_broken() -> None:
    broken = [
        ("NM1*1P*2*ACME CLINIC", "NM1*XX*2*ACME CLINIC"),
        ("BHT*0022*13", "BHT*0022*99"),
        ("DMG*D8*19700515", "DMG*D8*19701315"),
        ("EQ*30^98", "EQ*30^9999"),
        ("HL*2*1*21*1", "HL*2*9*21*1"),
        ("SE*17*", "SE*16*"),
    ]

    others_find_each(_written(question(OF_JOHN)).decode(), broken)


def test_codes_that_nobody_knows_are_kept() -> None:
    text = _written(question(OF_JOHN)).decode().replace("EQ*30^98", "EQ*QQ^98").replace("REF*6P*", "REF*ZZ9*")

    (read,) = read_270(text.encode())

    (subscriber,) = read.sources[0].receivers[0].subscribers
    assert subscriber.inquiries[0].service_types == ("QQ", "98")
    assert subscriber.individual.references[0].qualifier == "ZZ9"


def test_levels_and_inquiries_keep_their_segments_and_hide_who_is_meant() -> None:
    (read,) = read_270(_written(question(OF_JOHN)))

    (subscriber,) = read.sources[0].receivers[0].subscribers
    assert subscriber.raw[0] == "HL*3*2*22*0"
    assert subscriber.inquiries[0].raw == ("EQ*30^98",)
    assert not {"DOE", "JOHN", "MBR00000001", "1970", "ELM", "GRP0001"} & set(repr(read).replace("'", " ").split())


@pytest.mark.parametrize(
    ("broken", "error", "segment", "segment_id"),
    [
        (("DMG*D8*19700515", "DMG*D8*19701315"), UnreadableSegment, 16, "DMG"),
        (("DTP*291*D8*20260201~EQ", "DTP*291*D8*2026~EQ"), UnreadableSegment, 17, "DTP"),
        (("HL*2*1*21*1", "HL*2*7*21*1"), MisplacedSegment, 7, "HL"),
        (("HL*2*1*21*1", "HL*2*1*19*1"), MisplacedSegment, 7, "HL"),
        (("HL*2*1*21*1", "HL*2*20*21*1"), MisplacedSegment, 7, "HL"),  # the code of a level is no number of one
        (("HL*3*2*22*0", "HL*3*1*22*0"), MisplacedSegment, 10, "HL"),
        (("HL*3*2*22*0", "HL*2*1*22*0"), MisplacedSegment, 10, "HL"),
        (("HL*3*2*22*0", "HL*3*2*22*1"), MisplacedSegment, 10, "HL"),
        (("HL*2*1*21*1", "HL*2*1*21*0"), MisplacedSegment, 7, "HL"),
        (("HL*1**20*1", "HL*1*9*20*1"), MisplacedSegment, 5, "HL"),
        (("ST*270*", "ST*271*"), UnexpectedTransaction, 3, "ST"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(
    broken: tuple[str, str], error: type[MalformedX12], segment: int, segment_id: str
) -> None:
    refusal = refusal_of(_written(question(OF_JOHN)).decode(), broken, read_270)

    assert type(refusal) is error
    assert (refusal.segment, refusal.segment_id) == (segment, segment_id)


def test_a_set_without_levels_is_refused() -> None:
    text = _written(question(OF_JOHN)).decode()
    start, end = text.index("HL*1"), text.index("SE*")

    with pytest.raises(MisplacedSegment):
        read_270((text[:start] + text[end:].replace("SE*17", "SE*3")).encode())


FIVE_MODIFIERS = Procedure(code="99213", modifiers=("1", "2", "3", "4", "5"))
BACKWARDS = Period(qualifier="291", first=date(2026, 2, 2), last=date(2026, 2, 1))
UNWRITABLE: dict[str, EligibilityRequest] = {
    "nobody is asked": replace(question(OF_JOHN), sources=()),
    "about nobody": question(),
    "reserved character": replace(question(OF_JOHN), reference="A*B"),
    "nothing is asked": question(replace(OF_JOHN, inquiries=())),
    "neither type nor procedure": question(replace(OF_JOHN, inquiries=(BenefitInquiry(),))),
    "dependent as subscriber": question(replace(OF_JOHN, individual=SALLY)),
    "nothing about the dependent": question(
        replace(OF_SALLY, dependents=(replace(OF_SALLY.dependents[0], inquiries=()),))
    ),
    "nine diagnoses": question(replace(OF_JOHN, individual=replace(JOHN, diagnoses=SALLY.diagnoses * 9))),
    "kind without number": question(replace(OF_JOHN, individual=replace(JOHN, entity=replace(JOHN.entity, id="")))),
    "five modifiers": question(replace(OF_JOHN, inquiries=(replace(FOR_PROCEDURE, procedure=FIVE_MODIFIERS),))),
    "backwards": question(replace(OF_JOHN, inquiries=(replace(GENERAL, periods=(BACKWARDS,)),))),
}


@pytest.mark.parametrize("why", UNWRITABLE)
def test_what_the_guide_has_no_place_for_is_not_written(why: str) -> None:
    with pytest.raises(CannotBeWritten):
        _written(UNWRITABLE[why])


def test_a_file_without_a_question_is_not_written() -> None:
    with pytest.raises(CannotBeWritten):
        _written()


def test_a_file_that_repeats_nothing_takes_one_service_type() -> None:
    envelope = replace(ENVELOPE, separators=Separators(repetition=""))
    one = question(replace(OF_JOHN, inquiries=(BenefitInquiry(service_types=("30",)),)))

    assert read_270(write_270([one], envelope=envelope, first_control_number=1)) == (one,)
    with pytest.raises(CannotBeWritten):
        write_270([question(OF_JOHN)], envelope=envelope, first_control_number=1)


@needs_samples
@pytest.mark.parametrize(
    "name",
    [
        "LinuxForHealth-x12_dependent_health_benefit_check",
        "kputnam-stupidedi_generic_request_by_clinic_for_patient_subscriber_eligibility",
        "X12-Parser-Encoder_270_batch_multi",
        "X12-Parser-Encoder_270_custom_delimiters",
        "X12-Parser-Encoder_270_realtime_single",
    ],
)
def test_valid_samples_are_read_fully(name: str) -> None:
    text = (SAMPLES / "270" / f"{name}.edi").read_text()
    segments = [part.strip().split(text[3]) for part in text.split(text[105])]
    tags = [segment[0] for segment in segments]

    read = read_270(text.encode())

    asked = [person for request in read for person in people(request)]
    assert len(read) == tags.count("ST")
    assert len(asked) == sum(segment[0] == "HL" and segment[4] == "0" for segment in segments)
    assert sum(len(person.inquiries) for person in asked) == tags.count("EQ")
    assert sum(len(person.traces) for person in asked) == tags.count("TRN")
    assert all(person.individual.birth_on for person in asked)


def test_an_npi_is_one_where_it_is_called_so() -> None:
    assert CLINIC.npi == "1234567893"
    assert not Entity(role="1P", id_qualifier="SV", id="2000034").npi
    assert Contact().function == "IC"
