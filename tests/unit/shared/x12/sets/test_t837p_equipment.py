"""837P: equipment, tests and whoever else has to do with one line come back as they went."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from shared.x12.segments import Contact, Reference
from shared.x12.sets.t837p_x222a1 import (
    Attachment,
    LineDates,
    Measurement,
    Need,
    OrderingProvider,
    ProfessionalClaim,
    Provider,
    Rental,
    ServiceFacility,
    read_837p,
    write_837p,
)
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import pyx12_check
from tests.unit.shared.x12.examples import (
    CLAIM,
    CLINIC,
    ENVELOPE,
    OFFICE_VISIT,
    SAMPLES,
    THERAPY,
    batch,
    needs_samples,
)

RENTAL: Final = Rental(days=Decimal(30), rental_cents=50_00, purchase_cents=5000_00, frequency="4")
NEED: Final = Need(
    kind="R",
    months=Decimal(99),
    therapy_began_on=date(2025, 1, 2),
    renewed_on=date(2025, 12, 3),
    certified_on=date(2025, 12, 1),
)
ORDERER: Final = Provider(
    last_name="WILSON", first_name="LARRY", npi="1987654328", references=(Reference(qualifier="1G", number="X99999"),)
)
ORDERED: Final = OrderingProvider(
    provider=ORDERER, address=CLINIC.address, contacts=(Contact(name="LEE", numbers=(("TE", "5554446666"),)),)
)
FACILITY: Final = ServiceFacility(name="LABORATORY", address=CLINIC.address, npi="1234567893")
PLACE: Final = "~N3*100 MAIN ST~N4*MIAMI*FL*331110001"
CHANGES: Final[tuple[tuple[dict[str, Any], str], ...]] = (
    ({"rental": RENTAL}, "~SV5*HC:99213*DA*30*50*5000*4~DTP*472*"),
    (
        {"need": NEED},
        "~CR3*R*MO*99~DTP*472*D8*20251215~DTP*607*D8*20251203~DTP*463*D8*20250102~DTP*461*D8*20251201~REF*",
    ),
    ({"need": Need(kind="I", months=Decimal(12))}, "~CR3*I*MO*12~DTP*472*"),
    (
        {
            "measurements": (
                Measurement(reference="TR", kind="R2", found=Decimal("29.5")),
                Measurement(reference="OG", kind="R3", found=Decimal(50)),
            )
        },
        "~DTP*472*D8*20251215~MEA*TR*R2*29.5~MEA*OG*R3*50~REF*6R*",
    ),
    (
        {"dates": LineDates(prescribed_on=date(2025, 12, 1), shipped_on=date(2025, 12, 2))},
        "~DTP*472*D8*20251215~DTP*471*D8*20251201~DTP*011*D8*20251202~REF*6R*",
    ),
    (
        {"references": (Reference(qualifier="EW", number="M1"), Reference(qualifier="BT", number="LOT7"))},
        "~REF*6R*L00000001~REF*EW*M1~REF*BT*LOT7~LX*2~",
    ),
    ({"sales_tax_cents": 3_37, "postage_cents": 5_00}, "~REF*6R*L00000001~AMT*T*3.37~AMT*F4*5~"),
    ({"service_facility": FACILITY}, f"~NM1*77*2*LABORATORY*****XX*1234567893{PLACE}~"),
    (
        {"ordering_provider": ORDERED},
        f"~NM1*DK*1*WILSON*LARRY****XX*1987654328{PLACE}~REF*1G*X99999~PER*IC*LEE*TE*5554446666~",
    ),
    ({"ordering_provider": OrderingProvider(provider=ORDERER)}, "*1987654328~REF*1G*X99999~LX*2~"),
    (
        {"supervising_provider": ORDERER, "referring_provider": replace(ORDERER, references=())},
        "~NM1*DQ*1*WILSON*LARRY****XX*1987654328~REF*1G*X99999~NM1*DN*1*WILSON*LARRY****XX*1987654328~LX*2~",
    ),
)


ON_REQUEST: Final = Attachment(report="OZ", transmission="AA")
CERTIFICATE: Final = Attachment(report="CT", transmission="AB")


def _line(**changes: Any) -> ProfessionalClaim:  # noqa: ANN401 (any field)
    return replace(CLAIM, lines=(replace(OFFICE_VISIT, **changes), THERAPY))


def _written(claim: ProfessionalClaim) -> str:
    return write_837p(batch(claim), envelope=ENVELOPE, transaction_control_number=1).decode()


@pytest.mark.parametrize(("changes", "written"), CHANGES)
def test_what_a_line_says_comes_back(changes: dict[str, Any], written: str) -> None:
    claim = _line(**changes)

    text = _written(claim)

    assert written in text
    assert read_837p(text.encode())[0].claims == (claim,)
    assert pyx12_check(text).errors == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rental": replace(RENTAL, frequency="2")}, "how often a rent is due"),
        ({"rental": replace(RENTAL, days=None)}, "has a number"),
        ({"rental": replace(RENTAL, rental_cents=None)}, "a rent and a price"),
        ({"rental": replace(RENTAL, purchase_cents=-1)}, "a rent and a price"),
        ({"need": replace(NEED, kind="X")}, "certificate of need"),
        ({"need": replace(NEED, months=None)}, "has a number"),
        ({"need": replace(NEED, renewed_on=None)}, "has its day"),
        ({"need": replace(NEED, kind="I")}, "has none"),
        ({"measurements": (Measurement(reference="TR", kind="R9", found=Decimal(1)),)}, "what was measured"),
        ({"measurements": (Measurement(reference="XX", kind="R1", found=Decimal(1)),)}, "what a measurement is"),
        ({"measurements": (Measurement(reference="TR", kind="R1", found=None),)}, "has a number"),
        ({"measurements": (Measurement(reference="TR", kind="R1", found=Decimal(1)),) * 6}, "five measurements"),
        ({"sales_tax_cents": -1}, "not negative"),
        ({"references": (Reference(qualifier="D9", number="1"),)}, "number of a line"),
        ({"ordering_provider": replace(ORDERED, contacts=ORDERED.contacts * 2)}, "at most 1 contact"),
        ({"ordering_provider": OrderingProvider(provider=replace(ORDERER, kind="2"))}, "is a person"),
        ({"referring_provider": replace(ORDERER, references=(Reference(qualifier="LU", number="1"),))}, "refers"),
        ({"service_facility": replace(FACILITY, references=(Reference(qualifier="0B", number="1"),))}, "on a line"),
        ({"attachments": (Attachment(report="CT", transmission="AB", control_number="1"),)}, "no control number"),
        (
            {"attachments": (Attachment(report="CT", transmission="AB"), Attachment(report="OZ", transmission="AA"))},
            "way",
        ),
    ],
)
def test_what_the_guide_has_no_place_for_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(CannotBeWritten, match=why):
        _written(_line(**changes))


def test_what_a_partner_left_out_is_not_made_up() -> None:
    text = _written(_line(rental=RENTAL, need=Need(kind="I", months=Decimal(12)), measurements=(MEASURED,)))
    text = (
        text.replace("*DA*30*50*5000*4~", "*DA****4~").replace("*MO*12~", "*MO~").replace("MEA*TR*HT*70~", "MEA*TR*HT~")
    )

    line = read_837p(text.encode())[0].claims[0].lines[0]

    assert line.rental == Rental(days=None, rental_cents=None, purchase_cents=None, frequency="4")
    assert line.need == Need(kind="I", months=None)
    assert line.measurements == (replace(MEASURED, found=None),)


MEASURED: Final = Measurement(reference="TR", kind="HT", found=Decimal(70))


def test_where_a_certificate_of_need_is_comes_back() -> None:
    """The map of pyx12 does not know what its guide does, and is not asked."""
    claim = _line(attachments=(ON_REQUEST, CERTIFICATE), need=NEED)

    text = _written(claim)

    assert "~PWK*OZ*AA~PWK*CT*AB~CR3*" in text
    assert read_837p(text.encode())[0].claims == (claim,)


@needs_samples
def test_a_public_claim_for_oxygen_is_read_whole() -> None:
    (read,) = read_837p((SAMPLES / "837P" / "kputnam-stupidedi_oxygen.edi").read_bytes())

    (claim,) = read.claims
    for line in claim.lines:
        assert line.ordering_provider is not None
        assert line.ordering_provider.address is not None
        assert line.need is not None
        assert (line.need.kind, line.need.months) == ("R", Decimal(99))
        assert line.need.renewed_on is not None
        assert line.attachments == (Attachment(report="CT", transmission="AD"),)
