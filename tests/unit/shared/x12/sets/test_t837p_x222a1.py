"""837P: what is written is valid, and comes back as it went."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.x12.interchange import transaction_sets
from shared.x12.malformed import MalformedX12, MisplacedSegment, UnexpectedTransaction, UnreadableSegment
from shared.x12.separators import Separators
from shared.x12.sets.t837p_x222a1 import (
    Attachment,
    ClaimDates,
    Drug,
    Note,
    ProfessionalClaim,
    Provider,
    ServiceFacility,
    ServiceLine,
    claims,
    read_837p,
    write_837p,
)
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import pyx12_check
from tests.unit.shared.x12 import claim_strategies, strategies
from tests.unit.shared.x12.examples import (
    CHILD,
    CLAIM,
    CLINIC,
    DOE,
    ENVELOPE,
    HOME,
    OFFICE_VISIT,
    ROE,
    SAMPLES,
    SERVICE_DAY,
    THERAPY,
    batch,
    needs_samples,
)


def _written(*found: ProfessionalClaim) -> bytes:
    return write_837p(batch(*found), envelope=ENVELOPE, transaction_control_number=1)


def test_a_claim_is_written_as_the_guide_says() -> None:
    text = _written(CLAIM).decode()

    assert "~CLM*CLM0000001*182.5***11:B:1*Y*A*Y*Y~REF*G1*AUTH77~HI*ABK:E119*ABF:I10~" in text
    assert "~SV1*HC:97110:GP:59:::GROUP SESSION*82.5*UN*1.5***2:1~DTP*472*RD8*20251215-20251217~" in text
    assert pyx12_check(text).errors == ()


def test_claims_share_the_levels_above_them() -> None:
    other_clinic = replace(CLINIC, name="OTHER CLINIC", npi="1987654328", taxonomy="")
    data = _written(
        CLAIM,
        replace(CLAIM, patient_control_number="SAME-SUBSCRIBER"),
        replace(CLAIM, patient_control_number="CHILD", patient=CHILD),
        replace(CLAIM, patient_control_number="OTHER", subscriber=ROE),
        replace(CLAIM, patient_control_number="ELSEWHERE", billing_provider=other_clinic, subscriber=ROE),
    )

    levels = [part.split("~")[0] for part in data.decode().split("~HL*")[1:]]

    assert levels == ["1**20*1", "2*1*22*0", "3*1*22*1", "4*3*23*0", "5*1*22*0", "6**20*1", "7*6*22*0"]
    assert pyx12_check(data.decode()).errors == ()


@pytest.mark.parametrize(
    "line",
    [
        replace(OFFICE_VISIT, line_control_number="", authorization_number="AUTH1"),
        replace(OFFICE_VISIT, line_control_number="", referral_number="REF1"),
        replace(OFFICE_VISIT, line_control_number="", clia_number="12D4567890"),
    ],
    ids=["authorization", "referral", "clia"],
)
def test_line_with_one_number_that_is_not_its_own_keeps_it(line: ServiceLine) -> None:
    claim = replace(CLAIM, charge_cents=line.charge_cents, lines=(line,))

    assert read_837p(_written(claim))[0].claims == (claim,)


def test_claim_without_diagnoses_keeps_what_was_paid() -> None:
    text = _written(replace(CLAIM, patient_paid_cents=500)).decode()
    found = text.index("~HI*")
    without = text[:found] + text[text.index("~", found + 1) :]
    count = text.partition("~SE*")[2].partition("*")[0]

    (claim,) = read_837p(without.replace(f"~SE*{count}*", f"~SE*{int(count) - 1}*").encode())[0].claims

    assert claim.patient_paid_cents == 500


@pytest.mark.parametrize("broken", [("HL*4*3*23", "HL*4*1*23"), ("HL*2*1*22", "HL*2*9*22"), ("HL*1**20", "HL*1**21")])
def test_level_under_another_than_the_one_before_it_is_refused(broken: tuple[str, str]) -> None:
    text = _written(CLAIM, replace(CLAIM, patient_control_number="CHILD", patient=CHILD)).decode()

    with pytest.raises(MisplacedSegment) as refusal:
        read_837p(text.replace(*broken).encode())

    assert broken[0] in text
    assert refusal.value.segment_id == "HL"


def test_telephone_is_taken_wherever_it_stands() -> None:
    text = _written(CLAIM).decode().replace("*TE*3055551234", "*EM*A@EXAMPLE.ORG*TE*3055551234")

    assert read_837p(text.encode())[0].submitter.phone == "3055551234"


def test_nobody_is_shown_by_a_claim() -> None:
    shown = repr(replace(CLAIM, patient=CHILD))

    assert not [each for each in ("DOE", "JOHN", "MBR00000001", "ELM", "TAMPA", "1970", "336020001") if each in shown]


def test_every_claim_comes_back_with_the_parties_above_it() -> None:
    given_claims = (
        CLAIM,
        replace(CLAIM, patient_control_number="CHILD", patient=CHILD),
        replace(CLAIM, patient_control_number="OTHER", subscriber=ROE, rendering_provider=None),
        replace(CLAIM, patient_control_number="VOID", frequency="8", original_payer_control_number="ICN1"),
    )

    (read,) = read_837p(_written(*given_claims))

    assert read == batch(*given_claims)
    assert (read.control_number, read.group_control_number) == ("0001", "7")
    assert read.interchange_control_number == "000000042"


@given(st.lists(claim_strategies.professional_claims(), min_size=1, max_size=3), strategies.SEPARATORS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_what_is_written_is_read_as_it_was(found: list[ProfessionalClaim], separators: Separators) -> None:
    envelope = replace(ENVELOPE, separators=separators)

    data = write_837p(batch(*found), envelope=envelope, transaction_control_number=1)

    assert read_837p(data) == (batch(*found),)
    assert write_837p(read_837p(data)[0], envelope=envelope, transaction_control_number=1) == data


FULL: Final = replace(
    CLAIM,
    billing_provider=replace(CLINIC, pay_to_address=HOME),
    dates=ClaimDates(onset_on=SERVICE_DAY, accident_on=SERVICE_DAY, admitted_on=SERVICE_DAY, discharged_on=SERVICE_DAY),
    related_causes=("AA", "OA"),
    accident_state="FL",
    patient_paid_cents=10_00,
    referral_number="REF1",
    clia_number="11D1234567",
    medical_record_number="MRN1",
    anesthesia_procedures=("27447",),
    condition_codes=("01",),
    notes=(Note(code="ADD", text="CALL FIRST"),),
    attachments=(Attachment(report="OZ", transmission="EL", control_number="CTRL1"),),
    supervising_provider=Provider(last_name="KING", first_name="EVE", npi="1234567893"),
    signature_source="P",
    lines=(
        replace(
            OFFICE_VISIT,
            procedure="J3490",
            description="UNLISTED DRUG",
            unit_basis="MJ",
            authorization_number="AUTH9",
            notes=(Note(code="ADD", text="LINE NOTE"), Note(code="TPO", text="THIRD PARTY")),
            drug=Drug(ndc="00004196501", quantity=Decimal("7.5"), unit="ML", prescription_number="RX1"),
            rendering_provider=Provider(last_name="SMITH", first_name="ANN", npi="1987654328", taxonomy="207Q00000X"),
        ),
        THERAPY,
    ),
)


def test_all_that_a_claim_may_carry_stands_where_the_guide_wants_it() -> None:
    text = _written(FULL).decode()

    assert "~REF*EI*587654321~NM1*87*2~N3*1 ELM ST*APT 2~N4*TAMPA*FL*336020001~HL*2*" in text
    assert (
        "~CLM*CLM0000001*182.5***11:B:1*Y*A*Y*Y*P*AA:OA::FL~DTP*431*D8*20251215~DTP*439*D8*20251215~DTP*435*D8*20251215"
        "~DTP*096*D8*20251215~PWK*OZ*EL***AC*CTRL1~AMT*F5*10~REF*9F*REF1~REF*G1*AUTH77~REF*X4*11D1234567~REF*EA*MRN1"
        "~NTE*ADD*CALL FIRST~HI*ABK:E119*ABF:I10~HI*BP:27447~HI*BG:01~NM1*DN*"
    ) in text
    assert (
        "~SV1*HC:J3490:::::UNLISTED DRUG*100*MJ*1***1~DTP*472*D8*20251215~REF*G1*AUTH9~REF*6R*L00000001"
        "~NTE*ADD*LINE NOTE~NTE*TPO*THIRD PARTY~LIN**N4*00004196501~CTP****7.5*ML~REF*XZ*RX1"
        "~NM1*82*1*SMITH*ANN****XX*1987654328~PRV*PE*PXC*207Q00000X~LX*2~"
    ) in text
    assert read_837p(text.encode())[0].claims == (FULL,)
    assert pyx12_check(text).errors == ()


def test_a_number_of_another_payer_is_not_the_lines_own() -> None:
    own = "~REF*G1*AUTH9~REF*6R*L00000001~"
    text = _written(FULL).decode().replace(f"{own}NTE*ADD*LINE NOTE~", f"~REF*G1*THEIRS**2U:11111{own}")

    line = read_837p(text.encode())[0].claims[0].lines[0]

    assert line.authorization_number == "AUTH9"


def test_claims_and_lines_keep_their_segments() -> None:
    (read,) = read_837p(_written(CLAIM, replace(CLAIM, patient_control_number="SECOND")))

    first, second = read.claims
    assert first.raw[0].startswith("CLM*CLM0000001*")
    assert second.raw[0].startswith("CLM*SECOND*")
    assert first.lines[1].raw == first.raw[-4:]
    assert first.lines[0].raw[0] == "LX*1"


def test_claims_can_be_read_one_by_one() -> None:
    (transaction,) = transaction_sets(_written(CLAIM, replace(CLAIM, patient_control_number="SECOND")))

    assert [claim.patient_control_number for claim in claims(transaction)] == ["CLM0000001", "SECOND"]


def test_names_are_made_to_fit_and_identifiers_are_not() -> None:
    subscriber = replace(DOE, name=replace(DOE.name, last_name="d'Évreux*"))

    (read,) = read_837p(_written(replace(CLAIM, subscriber=subscriber)))

    assert read.claims[0].subscriber.name.last_name == "D'EVREUX"
    with pytest.raises(CannotBeWritten):
        _written(replace(CLAIM, patient_control_number="A*B"))


FIFTY_ONE = tuple(replace(OFFICE_VISIT, line_control_number=f"L{number}") for number in range(51))


@pytest.mark.parametrize(
    "refused",
    [
        replace(CLAIM, lines=(), charge_cents=0),
        replace(CLAIM, lines=FIFTY_ONE, charge_cents=51 * OFFICE_VISIT.charge_cents),
        replace(CLAIM, diagnoses=()),
        replace(CLAIM, diagnoses=tuple(f"Z{number}" for number in range(13))),
        replace(CLAIM, frequency="6"),
        replace(CLAIM, frequency="7"),
        replace(CLAIM, original_payer_control_number="ICN1"),
        replace(CLAIM, charge_cents=1),
        replace(CLAIM, patient_control_number="A" * 21),
        replace(CLAIM, patient_control_number=""),
        replace(CLAIM, lines=(replace(OFFICE_VISIT, pointers=(3,)),), charge_cents=OFFICE_VISIT.charge_cents),
        replace(CLAIM, lines=(replace(OFFICE_VISIT, pointers=()),), charge_cents=OFFICE_VISIT.charge_cents),
        replace(CLAIM, lines=(replace(OFFICE_VISIT, modifiers=("1",) * 5),), charge_cents=OFFICE_VISIT.charge_cents),
        replace(CLAIM, subscriber=replace(DOE, birth_on=None)),
        replace(CLAIM, patient=replace(CHILD, address=None)),
        replace(CLAIM, lines=(OFFICE_VISIT, replace(THERAPY, line_control_number="L00000001"))),
        replace(CLAIM, lines=(OFFICE_VISIT, replace(THERAPY, units=Decimal(0)))),
        replace(CLAIM, lines=(OFFICE_VISIT, replace(THERAPY, unit_basis="DA"))),
        replace(CLAIM, lines=(OFFICE_VISIT, replace(THERAPY, service_to=date(2025, 12, 14)))),
        replace(CLAIM, lines=(OFFICE_VISIT, replace(THERAPY, charge_cents=-1)), charge_cents=99_99),
        replace(CLAIM, related_causes=("AA",), accident_state="FL"),
        replace(CLAIM, related_causes=("EM",), accident_state="FL"),
        replace(CLAIM, related_causes=("AA",), dates=ClaimDates(accident_on=SERVICE_DAY)),
        replace(CLAIM, related_causes=("XX",)),
        replace(CLAIM, billing_provider=replace(CLINIC, address=replace(HOME, postal_code="33602"))),
        replace(CLAIM, service_facility=ServiceFacility(name="SITE", address=replace(HOME, postal_code="33602"))),
        replace(CLAIM, related_causes=("EM", "EM", "EM")),
        replace(CLAIM, anesthesia_procedures=("1", "2", "3")),
        replace(CLAIM, condition_codes=("01",) * 25),
        replace(CLAIM, notes=(Note(code="ADD", text="A"), Note(code="CER", text="B"))),
        replace(CLAIM, notes=(Note(code="ZZZ", text="A"),)),
        replace(CLAIM, notes=(Note(code="ADD", text="~"),)),
        replace(CLAIM, lines=(replace(FULL.lines[0], notes=FULL.lines[0].notes[::-1]), THERAPY)),
        replace(CLAIM, attachments=(Attachment(report="OZ", transmission="EL"),)),
        replace(CLAIM, attachments=(Attachment(report="OZ", transmission="XX", control_number="1"),)),
        replace(CLAIM, attachments=FULL.attachments * 11),
        replace(CLAIM, lines=(replace(FULL.lines[0], drug=Drug(ndc="1", quantity=None, unit="UN")), THERAPY)),
        replace(CLAIM, lines=(replace(FULL.lines[0], drug=Drug(ndc="1", quantity=Decimal(1), unit="XX")), THERAPY)),
    ],
)
def test_a_claim_that_every_clearinghouse_sends_back_is_refused(refused: ProfessionalClaim) -> None:
    with pytest.raises(CannotBeWritten):
        _written(refused)


def test_a_batch_without_claims_is_refused() -> None:
    with pytest.raises(CannotBeWritten):
        _written()


def test_fifty_lines_and_twelve_diagnoses_are_written() -> None:
    lines = FIFTY_ONE[:50]
    diagnoses = ("E119", "I10", "J069", "M5450", "Z0000", "R05", "K219", "N390", "E785", "F329", "G4733", "H6123")
    claim = replace(CLAIM, lines=lines, diagnoses=diagnoses, charge_cents=50 * OFFICE_VISIT.charge_cents)

    data = _written(claim)

    assert read_837p(data)[0].claims == (claim,)
    assert pyx12_check(data.decode()).errors == ()


@pytest.mark.parametrize(
    ("broken", "error", "segment_id"),
    [
        (("*182.5***", "*182.555***"), UnreadableSegment, "CLM"),
        (("*182.5***", "****"), UnreadableSegment, "CLM"),
        (("*82.5*UN", "*1,082.5*UN"), UnreadableSegment, "SV1"),
        (("D8*20251215", "D8*20251315"), UnreadableSegment, "DTP"),
        (("D8*19700515", "D8*1970"), UnreadableSegment, "DMG"),
        (("SV1*HC:99213", "SV2*HC:99213"), UnreadableSegment, "LX"),
        (("NM1*85*", "NM1*86*"), UnreadableSegment, "CLM"),
        (("NM1*PR*", "NM1*PX*"), UnreadableSegment, "CLM"),
        (("CLM*CLM0000001", "XXX*CLM0000001"), MisplacedSegment, "LX"),
    ],
)
def test_a_broken_segment_is_refused_where_it_stands(
    broken: tuple[str, str], error: type[MalformedX12], segment_id: str
) -> None:
    text = _written(CLAIM).decode().replace(*broken, 1)

    with pytest.raises(error) as refusal:
        read_837p(text.encode())

    assert refusal.value.segment_id == segment_id
    assert text[refusal.value.offset :].startswith(segment_id + "*")
    assert "CLM0000001" not in str(refusal.value)


def test_an_institutional_claim_is_not_read_as_a_professional_one() -> None:
    text = _written(CLAIM).decode().replace("005010X222A1", "005010X223A2")

    with pytest.raises(UnexpectedTransaction):
        read_837p(text.encode())


@needs_samples
def test_the_other_payer_of_a_secondary_claim_is_not_taken_for_its_payer() -> None:
    (read,) = read_837p((SAMPLES / "selfmade" / "837P_secondary_COB_line_level.edi").read_bytes())

    (claim,) = read.claims
    assert (claim.payer.payer_id, claim.subscriber.member_id) == ("99999", "MBR00000001")
    assert (claim.subscriber.responsibility, claim.subscriber.group_number) == ("S", "GRP0001")
    (other,) = claim.other_payers
    assert (other.payer.payer_id, other.member_id, other.responsibility) == ("11111", "PRIM123", "P")
    assert (other.paid_cents, other.remaining_liability_cents) == (90_00, 30_00)
    decided = [one for line in claim.lines for one in line.adjudications]
    assert [(one.payer_id, one.paid_cents, one.adjudicated_on) for one in decided] == [
        ("11111", 60_00, date(2026, 1, 10)),
        ("11111", 30_00, date(2026, 1, 10)),
    ]
    assert [(one.group, one.reason, one.amount_cents) for one in decided[1].adjustments] == [
        ("CO", "45", 10_00),
        ("PR", "1", 10_00),
    ]


@needs_samples
def test_the_sample_claims_are_read() -> None:
    (replacement,) = read_837p((SAMPLES / "selfmade" / "837P_replacement_freq7_F8.edi").read_bytes())
    (void,) = read_837p((SAMPLES / "selfmade" / "837P_void_freq8_F8.edi").read_bytes())

    (claim,) = replacement.claims
    assert (claim.frequency, claim.original_payer_control_number) == ("7", "ICN0000000001")
    assert (claim.charge_cents, claim.place_of_service, claim.diagnoses) == (15000, "11", ("E119",))
    assert [(line.procedure, line.charge_cents, line.units, line.pointers) for line in claim.lines] == [
        ("99213", 10000, Decimal(1), (1,)),
        ("99214", 5000, Decimal(1), (1,)),
    ]
    assert claim.lines[0].service_from == date(2025, 12, 15)
    assert claim.rendering_provider is not None
    assert claim.rendering_provider.npi == "1987654328"
    assert claim.billing_provider.taxonomy == "207Q00000X"
    assert void.claims[0].frequency == "8"


@needs_samples
def test_a_claim_of_a_stranger_is_written_again_and_means_the_same() -> None:
    for path in sorted((SAMPLES / "selfmade").glob("837P_*.edi")):
        (read,) = read_837p(path.read_bytes())

        data = write_837p(read, envelope=ENVELOPE, transaction_control_number=1)

        assert read_837p(data) == (read,)
        assert pyx12_check(data.decode()).errors == ()
