"""277CA: per claim, taken or sent back, by whom and why."""

from dataclasses import replace

import pytest

from shared.x12.malformed import MalformedX12, UnexpectedTransaction, UnreadableSegment
from shared.x12.sets.t277ca_x214 import ClaimAcknowledgement, read_277ca, write_277ca
from shared.x12.writer import CannotBeWritten
from tests.unit.shared.x12.examples import ACCEPTED, CLAIM_STATUSES, ENVELOPE, PATIENTS, SAMPLES, needs_samples


def _written(said: ClaimAcknowledgement) -> bytes:
    return write_277ca(said, envelope=ENVELOPE, transaction_control_number=1, patients=PATIENTS)


def test_an_acknowledgement_comes_back_as_it_went() -> None:
    assert read_277ca(_written(CLAIM_STATUSES)) == (CLAIM_STATUSES,)


def test_a_clearinghouse_speaks_at_its_own_level() -> None:
    said = replace(CLAIM_STATUSES, level="clearinghouse", claims=())

    (read,) = read_277ca(_written(said))

    assert read == said
    assert b"~NM1*AY*2*KEY INSURANCE*****46*99999~" in _written(said)


def test_claims_share_the_level_of_their_provider() -> None:
    first, second = CLAIM_STATUSES.claims
    elsewhere = replace(second, provider_name="OTHER CLINIC", provider_npi="1987654328")
    said = replace(CLAIM_STATUSES, claims=(first, second, elsewhere))

    data = _written(said)

    levels = [part.split("~")[0] for part in data.decode().split("~HL*")[1:]]
    assert levels == ["1**20*1", "2*1*21*1", "3*2*19*1", "4*3*PT", "5*3*PT", "6*2*19*1", "7*6*PT"]
    assert read_277ca(data) == (said,)


def test_a_status_has_up_to_three_triples() -> None:
    (_, rejected) = read_277ca(_written(CLAIM_STATUSES))[0].claims

    (information,) = rejected.information
    assert [(one.category, one.status, one.entity) for one in information.statuses] == [
        ("A7", "562", "85"),
        ("A7", "500", ""),
    ]
    assert (information.action, information.charge_cents) == ("U", 100_00)
    assert rejected.lines[0].line_control_number == "L00000009"


def test_no_patient_is_kept_outside_the_segments() -> None:
    (read,) = read_277ca(_written(CLAIM_STATUSES))

    assert "DOE" not in repr(read)
    assert read.claims[0].raw[0] == "TRN*2*CLM0000001"


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (("NM1*PR*", "NM1*XX*"), UnreadableSegment),
        (("*WQ*282.5", "*WQ*282,5"), UnreadableSegment),
        (("QTY*90*1", "QTY*90*one"), UnreadableSegment),
        (("RD8*20251215-", "RD8*20251299-"), UnreadableSegment),
        (("ST*277*0001*005010X214", "ST*277*0001*005010X212"), UnexpectedTransaction),
    ],
)
def test_what_cannot_be_read_is_refused(broken: tuple[str, str], error: type[MalformedX12]) -> None:
    with pytest.raises(error):
        read_277ca(_written(CLAIM_STATUSES).decode().replace(*broken, 1).encode())


def test_a_claim_without_a_status_is_not_written() -> None:
    silent = replace(CLAIM_STATUSES.claims[0], information=())
    wordless = replace(CLAIM_STATUSES.claims[0], information=(replace(ACCEPTED, statuses=()),))

    for claim in (silent, wordless):
        with pytest.raises(CannotBeWritten):
            _written(replace(CLAIM_STATUSES, claims=(claim,)))


@needs_samples
def test_a_public_rejection_is_read() -> None:
    (read,) = read_277ca((SAMPLES / "277CA" / "imsweb-x12-parser_x12_277CA_rejected.edi").read_bytes())

    (claim,) = read.claims
    assert (read.level, read.batch_reference, read.accepted_count) == ("payer", "11200001", 1)
    assert claim.payer_control_number == "1107000000001120"
    assert [one.category for one in claim.information[0].statuses] == ["A7"]
    assert claim.information[0].charge_cents == 199_14
