"""276: which claims are asked about, by which numbers."""

from dataclasses import replace

import pytest
from hypothesis import given

from shared.x12.malformed import MalformedX12, MisplacedSegment, UnexpectedTransaction, UnreadableSegment
from shared.x12.separators import Separators
from shared.x12.sets.t276_x212 import (
    ClaimInquiry,
    ClaimStatusRequest,
    LineInquiry,
    claim_inquiries,
    read_276,
    write_276,
)
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import needs_lfh
from tests.unit.shared.x12 import strategies
from tests.unit.shared.x12.coming_back import BOUNDED, comes_back, others_find_each, others_find_nothing, refusal_of
from tests.unit.shared.x12.examples import ENVELOPE, SAMPLES, needs_samples
from tests.unit.shared.x12.inquiries import ASKED_LINE, OF_JOHN, OF_SALLY, question, questions


def _written(*requests: ClaimStatusRequest) -> bytes:
    return write_276(requests, envelope=ENVELOPE, first_control_number=1)


def test_a_question_is_written_as_the_guide_says() -> None:
    text = _written(question(OF_JOHN, OF_SALLY)).decode()

    assert "~GS*HR*SUBMITTER01*RECEIVER01*20260201*1200*7*X*005010X212~ST*276*0001*005010X212~" in text
    assert "~BHT*0010*13*ASK9*20260201*1200~HL*1**20*1~NM1*PR*2*KEY INSURANCE*****PI*99999~HL*2*1*21*1~NM1*41*" in text
    assert "~HL*3*2*19*1~NM1*1P*2*ACME CLINIC*****XX*1234567893~HL*4*3*22*0~DMG*D8*19700515*M~NM1*IL*1*DOE*" in text
    assert "~TRN*1*ASK0000001~REF*1K*ICN0000000001~REF*BLT*131~REF*EJ*CLM0000001~REF*D9*CH0000000001~" in text
    assert "~AMT*T3*182.5~DTP*472*RD8*20251215-20251217~HL*5*3*22*1~NM1*IL*1*DOE*JOHN****MI*MBR00000001~" in text
    assert "~HL*6*5*23~DMG*D8*20150704*F~NM1*QC*1*DOE*SALLY~TRN*1*ASK0000002~REF*EJ*CLM0000001~" in text
    assert "~SVC*HC:99213:25*100*****1.5~REF*FJ*L00000001~DTP*472*RD8*20251215-20251217~SE*" in text


def test_questions_come_back_as_they_went() -> None:
    asked = (question(OF_JOHN, OF_SALLY), question(OF_SALLY))

    read = read_276(_written(*asked))

    assert read == asked
    assert [claim.trace.number for claim in claim_inquiries(read[0])] == ["ASK0000001", "ASK0000002"]


@given(questions(), strategies.SEPARATORS)
@BOUNDED
def test_what_is_written_is_read_as_it_was(asked: ClaimStatusRequest, separators: Separators) -> None:
    comes_back(asked, separators, write_276, read_276)


@needs_lfh
def test_every_written_question_is_valid_under_another_implementation() -> None:
    others_find_nothing(questions(judged=True), _written, _written(question(OF_JOHN, OF_SALLY)))


@needs_lfh
def test_the_other_implementation_finds_what_is_broken() -> None:
    broken = [
        ("NM1*PR*2*KEY", "NM1*XX*2*KEY"),
        ("TRN*1*ASK0000001~", "TRN*9*ASK0000001~"),
        ("*MI*MBR00000001~", "*ZZ*MBR00000001~"),
        ("DTP*472*RD8*20251215-20251217", "DTP*472*RD8*20251215-20251317"),
        ("HL*4*3*22*0", "HL*4*9*22*0"),
        ("*****1.5~", "*****X~"),
    ]

    others_find_each(_written(question(OF_JOHN, OF_SALLY)).decode(), broken)


def test_codes_that_nobody_knows_are_kept() -> None:
    text = _written(question(OF_JOHN)).decode().replace("REF*BLT*", "REF*QQQ*")

    (claim,) = claim_inquiries(read_276(text.encode())[0])

    assert [reference.qualifier for reference in claim.references] == ["1K", "QQQ", "EJ", "D9"]


def test_claims_and_lines_keep_their_segments_and_hide_the_patient() -> None:
    (read,) = read_276(_written(question(OF_SALLY)))

    (claim,) = claim_inquiries(read)
    assert claim.raw[0] == "TRN*1*ASK0000002"
    assert claim.lines[0].raw[0] == "SVC*HC:99213:25*100*****1.5"
    assert not any(name in repr(read) for name in ("DOE", "SALLY", "MBR", "2015"))


@pytest.mark.parametrize(
    ("broken", "error", "segment_id"),
    [
        (("AMT*T3*182.5", "AMT*T3*182,5"), UnreadableSegment, "AMT"),
        (("DMG*D8*19700515", "DMG*D8*1970"), UnreadableSegment, "DMG"),
        (("DTP*472*RD8*20251215-20251217~HL", "DTP*472*RD8*20251215-2025~HL"), UnreadableSegment, "DTP"),
        (("*100*****1.5~", "*100*****X~"), UnreadableSegment, "SVC"),
        (("HL*4*3*22*0", "HL*4*2*22*0"), MisplacedSegment, "HL"),
        (("HL*5*3*22*1", "HL*5*3*22*0"), MisplacedSegment, "HL"),
        (("ST*276*", "ST*277*"), UnexpectedTransaction, "ST"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(
    broken: tuple[str, str], error: type[MalformedX12], segment_id: str
) -> None:
    refusal = refusal_of(_written(question(OF_JOHN, OF_SALLY)).decode(), broken, read_276)

    assert type(refusal) is error
    assert refusal.segment_id == segment_id


(_LINE,) = ASKED_LINE.lines
(_CHILD,) = OF_SALLY.dependents
UNWRITABLE: dict[str, ClaimStatusRequest] = {
    "nobody is asked": ClaimStatusRequest(reference="ASK9", sources=()),
    "nobody asks": replace(question(OF_JOHN), sources=(replace(question(OF_JOHN).sources[0], receivers=()),)),
    "about nobody": question(),
    "no claim": question(replace(OF_JOHN, claims=())),
    "no claim of the child": question(replace(OF_SALLY, dependents=(replace(_CHILD, claims=()),))),
    "no units": question(
        replace(
            OF_JOHN,
            claims=(
                replace(ASKED_LINE, lines=(replace(_LINE, service_line=replace(_LINE.service_line, units=None)),)),
            ),
        )
    ),
    "no days": question(replace(OF_JOHN, claims=(replace(ASKED_LINE, lines=(replace(_LINE, periods=()),)),))),
    "reserved character": replace(question(OF_JOHN), reference="A~B"),
}


@pytest.mark.parametrize("why", UNWRITABLE)
def test_what_the_guide_has_no_place_for_is_not_written(why: str) -> None:
    with pytest.raises(CannotBeWritten):
        _written(UNWRITABLE[why])


def test_a_file_without_a_question_is_not_written() -> None:
    with pytest.raises(CannotBeWritten):
        _written()


@needs_samples
@pytest.mark.parametrize(
    "name",
    [
        "LinuxForHealth-x12_claim_level_status",
        "LinuxForHealth-x12_provider_level_status",
        "kputnam-stupidedi_claim_request",
        "kputnam-stupidedi_provider_request",
        "TigerShark_TEST_276_TXNs",
    ],
)
def test_valid_samples_are_read_fully(name: str) -> None:
    text = (SAMPLES / "276" / f"{name}.edi").read_text()
    tags = [part.strip().split(text[3])[0] for part in text.split(text[105])]

    read = read_276(text.encode())

    claims = [claim for request in read for claim in claim_inquiries(request)]
    lines = [line for claim in claims for line in claim.lines]
    assert len(read) == tags.count("ST")
    assert len(claims) == tags.count("TRN")
    assert len(lines) == tags.count("SVC")
    both: list[ClaimInquiry | LineInquiry] = [*claims, *lines]
    assert sum(len(each.references) for each in both) == tags.count("REF")
    assert sum(len(each.periods) for each in both) == tags.count("DTP")
    assert sum(claim.charge_cents is not None for claim in claims) == tags.count("AMT")
