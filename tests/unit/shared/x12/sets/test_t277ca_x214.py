"""277CA: per batch, provider, claim and line, taken or sent back, by whom and why."""

from dataclasses import replace

import pytest
from hypothesis import given

from shared.x12.malformed import MalformedX12, MisplacedSegment, UnexpectedTransaction, UnreadableSegment
from shared.x12.segments import Entity
from shared.x12.separators import Separators
from shared.x12.sets.t277ca_x214 import ClaimAcknowledgement, ClaimStatus, read_277ca, write_277ca
from shared.x12.writer import CannotBeWritten
from tests.unit.shared.x12 import strategies
from tests.unit.shared.x12.acknowledgements import claim_acknowledgements
from tests.unit.shared.x12.coming_back import BOUNDED, comes_back, refusal_of
from tests.unit.shared.x12.examples import (
    ACCEPTED,
    ACCEPTED_CLAIM,
    BILLED,
    CLAIM_STATUSES,
    ENVELOPE,
    PATIENTS,
    REJECTED_CLAIM,
    SAMPLES,
    needs_samples,
)


def _written(said: ClaimAcknowledgement) -> bytes:
    return write_277ca([said], envelope=ENVELOPE, first_control_number=1, patients=PATIENTS)


def _about(*claims: ClaimStatus) -> ClaimAcknowledgement:
    return replace(CLAIM_STATUSES, providers=(replace(BILLED, claims=claims),))


def test_an_acknowledgement_comes_back_as_it_went() -> None:
    assert read_277ca(_written(CLAIM_STATUSES)) == (CLAIM_STATUSES,)


def test_every_level_is_written_as_the_guide_says() -> None:
    text = _written(CLAIM_STATUSES).decode()

    assert "~BHT*0085*08*ANSWER1*20260201*1200*TH~HL*1**20*1~NM1*PR*2*KEY INSURANCE*****PI*99999~TRN*1*ANSWER1~" in text
    assert "~DTP*050*D8*20260201~DTP*009*D8*20260202~HL*2*1*21*1~NM1*41*2*ACME BILLING*****46*SUBMITTER01~" in text
    assert "~TRN*2*BATCH9~STC*A1:19:PR*20260202*WQ*282.5~QTY*90*1~QTY*AA*1~AMT*YU*182.5~AMT*YY*100~HL*3*2*19*1~" in text
    assert (
        "~TRN*1*0~STC*A1:19:85**WQ*282.5~REF*TJ*587654321~QTY*QA*1~QTY*QC*1~AMT*YU*182.5~AMT*YY*100~HL*4*3*PT~" in text
    )
    assert (
        "~TRN*2*CLM0000001~STC*A2:20:PR*20260202*WQ*182.5~REF*1K*ICN0000000001~REF*D9*CH0000000001~REF*BLT*131~" in text
    )
    assert "~SVC*HC:99213:25*100*****1~STC*A7:562:85*20260202*U*100******A7:500**PROVIDER NOT FOUND~REF*FJ*" in text


@given(claim_acknowledgements(), strategies.SEPARATORS)
@BOUNDED
def test_what_is_written_is_read_as_it_was(said: ClaimAcknowledgement, separators: Separators) -> None:
    comes_back(said, separators, write_277ca, read_277ca)


def test_a_clearinghouse_speaks_at_its_own_level() -> None:
    clearinghouse = Entity(role="AY", name="CLEAR", id_qualifier="46", id="CH1")
    said = replace(CLAIM_STATUSES, level="clearinghouse", source=clearinghouse, providers=())

    (read,) = read_277ca(_written(said))

    assert read == said
    assert b"~NM1*AY*2*CLEAR*****46*CH1~" in _written(said)
    assert b"~HL*2*1*21*0~" in _written(said)


def test_claims_stand_below_their_provider() -> None:
    elsewhere = replace(BILLED, entity=replace(BILLED.entity, name="OTHER"), claims=(REJECTED_CLAIM,))
    nobody = replace(BILLED, claims=())
    said = replace(CLAIM_STATUSES, providers=(BILLED, elsewhere, nobody))

    data = _written(said)

    levels = [part.split("~")[0] for part in data.decode().split("~HL*")[1:]]
    assert levels == ["1**20*1", "2*1*21*1", "3*2*19*1", "4*3*PT", "5*3*PT", "6*2*19*1", "7*6*PT", "8*2*19*0"]
    assert read_277ca(data) == (said,)
    assert said.claims == (ACCEPTED_CLAIM, REJECTED_CLAIM, REJECTED_CLAIM)


def test_totals_say_how_much_was_taken_and_sent_back() -> None:
    (read,) = read_277ca(_written(CLAIM_STATUSES))

    for totals in (read.totals, read.providers[0].totals):
        assert (totals.accepted_count, totals.rejected_count) == (1, 1)
        assert (totals.accepted_cents, totals.rejected_cents) == (182_50, 100_00)


def test_a_status_has_up_to_three_triples() -> None:
    (_, rejected) = read_277ca(_written(CLAIM_STATUSES))[0].claims

    (information,) = rejected.information
    assert [(one.category, one.status, one.entity) for one in information.statuses] == [
        ("A7", "562", "85"),
        ("A7", "500", ""),
    ]
    assert (information.action, information.charge_cents) == ("U", 100_00)
    assert rejected.lines[0].line_control_number == "L00000009"


def test_codes_that_nobody_knows_are_kept() -> None:
    text = _written(CLAIM_STATUSES).decode().replace("STC*A2:20:PR", "STC*Q9:9999:QQQ").replace("REF*BLT", "REF*QQQ")
    text = text.replace("QTY*90*1", "QTY*Q9*1")

    (read,) = read_277ca(text.encode())

    (status,) = read.claims[0].information[0].statuses
    assert (status.category, status.status, status.entity) == ("Q9", "9999", "QQQ")
    assert read.claims[0].references[1].qualifier == "QQQ"
    assert read.totals.counts == (("Q9", 1), ("AA", 1))
    assert read.totals.accepted_count is None


def test_no_patient_is_kept_outside_the_segments() -> None:
    (read,) = read_277ca(_written(CLAIM_STATUSES))

    assert "DOE" not in repr(read)
    assert read.claims[0].raw[0] == "TRN*2*CLM0000001"
    assert read.claims[1].lines[0].raw[0] == "SVC*HC:99213:25*100*****1"
    assert read.claims[0].information[0].raw == ("STC*A2:20:PR*20260202*WQ*182.5",)


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (("NM1*PR*", "NM1*XX*"), UnreadableSegment),
        (("*WQ*282.5", "*WQ*282,5"), UnreadableSegment),
        (("QTY*90*1", "QTY*90*one"), UnreadableSegment),
        (("RD8*20251215-", "RD8*20251299-"), UnreadableSegment),
        (("HL*4*3*PT", "HL*4*9*PT"), MisplacedSegment),
        (("HL*3*2*19*1", "HL*3**20*1"), MisplacedSegment),
        (("HL*3*2*19*1", "HL*3*1*21*1"), MisplacedSegment),
        (("ST*277*0001*005010X214", "ST*277*0001*005010X212"), UnexpectedTransaction),
    ],
)
def test_what_cannot_be_read_is_refused(broken: tuple[str, str], error: type[MalformedX12]) -> None:
    assert type(refusal_of(_written(CLAIM_STATUSES).decode(), broken, read_277ca)) is error


def test_two_receivers_are_more_than_one_acknowledgement_holds() -> None:
    text = _written(replace(CLAIM_STATUSES, providers=())).decode()
    start, end = text.index("HL*2*1*21"), text.index("SE*")
    count = int(text[end:].split("*")[1])
    twice = text[:end] + text[start:end].replace("HL*2*1", "HL*3*1") + text[end:]

    with pytest.raises(MisplacedSegment):
        read_277ca(twice.replace(f"SE*{count}*", f"SE*{count + text[start:end].count('~')}*").encode())


UNWRITABLE: dict[str, ClaimAcknowledgement] = {
    "claim without status": _about(replace(ACCEPTED_CLAIM, information=())),
    "status without triple": _about(replace(ACCEPTED_CLAIM, information=(replace(ACCEPTED, statuses=()),))),
    "four triples": _about(replace(ACCEPTED_CLAIM, information=(replace(ACCEPTED, statuses=ACCEPTED.statuses * 4),))),
    "line without status": _about(replace(REJECTED_CLAIM, lines=(replace(REJECTED_CLAIM.lines[0], information=()),))),
    "provider of whom nothing is said": replace(
        CLAIM_STATUSES, providers=(replace(BILLED, claims=(), information=()),)
    ),
    "payer as clearinghouse": replace(CLAIM_STATUSES, level="clearinghouse"),
    "days backwards": _about(
        replace(ACCEPTED_CLAIM, service_from=ACCEPTED_CLAIM.service_to, service_to=ACCEPTED_CLAIM.service_from)
    ),
}


@pytest.mark.parametrize("why", UNWRITABLE)
def test_what_the_guide_has_no_place_for_is_not_written(why: str) -> None:
    with pytest.raises(CannotBeWritten):
        _written(UNWRITABLE[why])


@needs_samples
def test_a_public_rejection_is_read() -> None:
    (read,) = read_277ca((SAMPLES / "277CA" / "imsweb-x12-parser_x12_277CA_rejected.edi").read_bytes())

    (claim,) = read.claims
    assert (read.level, read.batch_reference, read.totals.accepted_count) == ("payer", "11200001", 1)
    assert claim.payer_control_number == "1107000000001120"
    assert [one.category for one in claim.information[0].statuses] == ["A7"]
    assert claim.information[0].charge_cents == 199_14


@needs_samples
def test_a_batch_that_was_sent_back_is_read_with_all_its_statuses() -> None:
    text = (SAMPLES / "277CA" / "X12Parser_277_Deidentified_from_nth.edi").read_text(encoding="utf-8-sig")
    tags = [part.strip().split("*")[0] for part in text.split("~")]

    (read,) = read_277ca(text.encode())

    said = [*read.information, *(each for provider in read.providers for each in provider.information)]
    of_claims = [each for claim in read.claims for each in claim.information]
    assert len(said) + len(of_claims) == tags.count("STC")
    assert len(read.providers) + len(read.claims) == tags.count("HL") - 2
    assert (read.totals.rejected_count, read.totals.rejected_cents) == (3, 900_00)
    assert sum(provider.totals.rejected_cents or 0 for provider in read.providers) == 900_00
