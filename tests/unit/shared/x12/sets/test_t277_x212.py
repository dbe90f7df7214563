"""277: what became of claims, as the payer tells it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from shared.kernel.money import Money
from shared.x12.claim_status import LineStatus
from shared.x12.malformed import MalformedX12, MisplacedSegment, UnexpectedTransaction, UnreadableSegment
from shared.x12.segments import Trace
from shared.x12.separators import Separators
from shared.x12.sets.t277_x212 import (
    AnsweredProvider,
    AnsweredReceiver,
    AnsweringSource,
    ClaimAnswer,
    ClaimStatusResponse,
    claim_answers,
    read_277,
    write_277,
)
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import needs_lfh
from tests.unit.shared.x12 import strategies
from tests.unit.shared.x12.coming_back import BOUNDED, comes_back, others_find_each, others_find_nothing, refusal_of
from tests.unit.shared.x12.examples import ENVELOPE, SAMPLES, needs_samples
from tests.unit.shared.x12.inquiries import (
    ANSWER_OF_JOHN,
    ANSWER_OF_SALLY,
    ANSWERED,
    NOT_FOUND,
    OFFICE,
    PAID,
    PAID_CLAIM,
    PAYER,
    PENDING_CLAIM,
    REFUSED_PROVIDER,
    VISIT,
    answer,
    answers,
)

REFUSED = ClaimStatusResponse(
    reference="ASK9",
    sources=(
        AnsweringSource(
            entity=PAYER,
            receivers=(
                AnsweredReceiver(entity=OFFICE, trace=Trace(kind="2", number="ASK9"), information=(NOT_FOUND,)),
            ),
        ),
    ),
)


def _written(*responses: ClaimStatusResponse) -> bytes:
    return write_277(responses, envelope=ENVELOPE, first_control_number=1)


def test_an_answer_is_written_as_the_guide_says() -> None:
    text = _written(answer(ANSWERED, REFUSED_PROVIDER)).decode()

    assert "~GS*HN*SUBMITTER01*RECEIVER01*20260201*1200*7*X*005010X212~ST*277*0001*005010X212~" in text
    assert "~BHT*0010*08*ASK9*20260201*1200*DG~HL*1**20*1~NM1*PR*2*KEY INSURANCE*****PI*99999~PER*IC*EDI*TE*" in text
    assert "~HL*4*3*22*0~NM1*IL*1*DOE*JOHN****MI*MBR00000001~TRN*2*ASK0000001~STC*F1:65*20260120**182.5*120*" in text
    assert "*20260118*CHK*20260120*TRACE000003~REF*1K*ICN0000000001~REF*BLT*131~REF*EJ*CLM0000001~REF*D9*" in text
    assert (
        "~STC*P3:317:1P*20260120**100******R3:294*R4:0~REF*1K*ICN0000000001~SVC*HC:99213:25*100*0****1.5~STC*" in text
    )
    assert "~HL*6*5*23~NM1*QC*1*DOE*SALLY~TRN*2*ASK0000002~" in text
    assert "~HL*7*2*19*0~NM1*1P*2*ACME CLINIC*****XX*1234567893~TRN*1*0~STC*E0:24:41*20260120~SE*" in text


def test_answers_come_back_as_they_went() -> None:
    said = (answer(ANSWERED, REFUSED_PROVIDER), REFUSED)

    read = read_277(_written(*said))

    assert read == said
    assert [claim.trace.number for claim in claim_answers(read[0])] == ["ASK0000001", "ASK0000002", "ASK0000002"]


def test_a_claim_says_what_was_paid_and_how_it_is_called() -> None:
    paid, pending, _ = claim_answers(read_277(_written(answer(ANSWERED)))[0])

    (information,) = paid.information
    assert (information.paid_cents, information.check_number, information.paid_on) == (
        120_00,
        "TRACE000003",
        date(2026, 1, 20),
    )
    assert (paid.payer_control_number, paid.patient_control_number) == ("ICN0000000001", "CLM0000001")
    assert not pending.patient_control_number
    assert [status.category for status in pending.information[0].statuses] == ["P3", "R3", "R4"]


@given(answers(), strategies.SEPARATORS)
@BOUNDED
def test_what_is_written_is_read_as_it_was(said: ClaimStatusResponse, separators: Separators) -> None:
    comes_back(said, separators, write_277, read_277)


@needs_lfh
def test_every_written_answer_is_valid_under_another_implementation() -> None:
    others_find_nothing(answers(judged=True), _written, _written(answer(ANSWERED, REFUSED_PROVIDER)), _written(REFUSED))


@needs_lfh
def test_the_other_implementation_finds_what_is_broken() -> None:
    broken = [
        ("NM1*PR*2*KEY", "NM1*XX*2*KEY"),
        ("TRN*2*ASK0000001~", "TRN*1*ASK0000001~"),
        ("*20260120**182.5", "*20261320**182.5"),
        ("REF*BLT*", "REF*ZZ9*"),
        ("BHT*0010*08*", "BHT*0010*11*"),
    ]

    others_find_each(_written(answer(ANSWERED)).decode(), broken)


def test_codes_that_nobody_knows_are_kept() -> None:
    text = (
        _written(answer(ANSWERED)).decode().replace("STC*F1:65*", "STC*Q9:9999:ZZZ:RX*").replace("REF*BLT", "REF*QQQ")
    )

    paid, *_ = claim_answers(read_277(text.encode())[0])

    (status,) = paid.information[0].statuses
    assert (status.category, status.status, status.entity, status.code_list) == ("Q9", "9999", "ZZZ", "RX")
    assert paid.references[1].qualifier == "QQQ"


def test_claims_lines_and_statuses_keep_their_segments_and_hide_the_patient() -> None:
    (read,) = read_277(_written(answer(ANSWERED)))

    _, pending, _ = claim_answers(read)
    assert pending.raw[0] == "TRN*2*ASK0000002"
    assert pending.lines[0].raw[0] == "SVC*HC:99213:25*100*0****1.5"
    assert pending.lines[0].information[0].raw[0].startswith("STC*P3:317:1P*")
    assert not any(name in repr(read) for name in ("DOE", "SALLY", "MBR"))


@pytest.mark.parametrize(
    ("broken", "error", "segment_id"),
    [
        (("**182.5*120*", "**182.5*1 20*"), UnreadableSegment, "STC"),
        (("*20260118*CHK", "*20260199*CHK"), UnreadableSegment, "STC"),
        (("HL*4*3*22*0", "HL*4*1*22*0"), MisplacedSegment, "HL"),
        (("ST*277*0001*005010X212", "ST*277*0001*005010X214"), UnexpectedTransaction, None),
        (("ST*277*", "ST*276*"), UnexpectedTransaction, "ST"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(
    broken: tuple[str, str], error: type[MalformedX12], segment_id: str | None
) -> None:
    refusal = refusal_of(_written(answer(ANSWERED)).decode(), broken, read_277)

    assert type(refusal) is error
    assert refusal.segment_id == segment_id


(_LINE,) = PENDING_CLAIM.lines
(_CHILD,) = ANSWER_OF_SALLY.dependents
UNWRITABLE: dict[str, ClaimStatusResponse] = {
    "nobody answers": ClaimStatusResponse(reference="ASK9", sources=()),
    "nobody is answered": ClaimStatusResponse(reference="ASK9", sources=(AnsweringSource(entity=PAYER, receivers=()),)),
    "nothing is answered": answer(),
    "status without trace": answer(replace(REFUSED_PROVIDER, trace=None)),
    "trace without status": answer(replace(REFUSED_PROVIDER, information=())),
    "provider without claims": answer(replace(ANSWERED, subscribers=())),
    "no claim": answer(replace(ANSWERED, subscribers=(replace(ANSWER_OF_JOHN, claims=()),))),
    "no claim of the child": answer(
        replace(ANSWERED, subscribers=(replace(ANSWER_OF_SALLY, dependents=(replace(_CHILD, claims=()),)),))
    ),
    "no status": answer(
        replace(ANSWERED, subscribers=(replace(ANSWER_OF_JOHN, claims=(replace(PAID_CLAIM, information=()),)),))
    ),
    "no status of a line": answer(
        replace(
            ANSWERED,
            subscribers=(
                replace(ANSWER_OF_JOHN, claims=(replace(PENDING_CLAIM, lines=(replace(_LINE, information=()),)),)),
            ),
        )
    ),
    "no amount that was paid of a line": answer(
        replace(
            ANSWERED,
            subscribers=(
                replace(ANSWER_OF_JOHN, claims=(replace(PENDING_CLAIM, lines=(replace(_LINE, service_line=VISIT),)),)),
            ),
        )
    ),
    "four statuses": answer(
        replace(REFUSED_PROVIDER, information=(replace(NOT_FOUND, statuses=NOT_FOUND.statuses * 4),))
    ),
    "long check number": answer(replace(REFUSED_PROVIDER, information=(replace(PAID, check_number="1" * 17),))),
}


@pytest.mark.parametrize("why", UNWRITABLE)
def test_what_the_guide_has_no_place_for_is_not_written(why: str) -> None:
    with pytest.raises(CannotBeWritten):
        _written(UNWRITABLE[why])


def test_a_file_without_an_answer_is_not_written() -> None:
    with pytest.raises(CannotBeWritten):
        _written()


@needs_samples
@pytest.mark.parametrize(
    "name",
    [
        "LinuxForHealth-x12_information_receiver_level_status",
        "LinuxForHealth-x12_provider_level_status",
        "kputnam-stupidedi_claim_response",
        "kputnam-stupidedi_provider_response",
    ],
)
def test_valid_samples_are_read_fully(name: str) -> None:
    text = (SAMPLES / "277" / f"{name}.edi").read_text()
    segments = [part.strip().split(text[3]) for part in text.split(text[105])]
    tags = [segment[0] for segment in segments]
    charges = [segment[4] for segment in segments if segment[0] == "STC" and len(segment) > 4 and segment[4]]

    read = read_277(text.encode())

    claims = [claim for response in read for claim in claim_answers(response)]
    lines = [line for claim in claims for line in claim.lines]
    receivers = [receiver for response in read for source in response.sources for receiver in source.receivers]
    providers = [provider for receiver in receivers for provider in receiver.providers]
    above: list[AnsweredReceiver | AnsweredProvider] = [*receivers, *providers]
    answered: list[AnsweredReceiver | AnsweredProvider | ClaimAnswer | LineStatus] = [*above, *claims, *lines]
    said = [each for level in answered for each in level.information]
    assert len(read) == tags.count("ST")
    assert len(claims) + sum(level.trace is not None for level in above) == tags.count("TRN")
    assert len(lines) == tags.count("SVC")
    assert len(said) == tags.count("STC")
    assert sum(each.charge_cents or 0 for each in said) == sum(Money.of_decimal(charge).cents for charge in charges)
