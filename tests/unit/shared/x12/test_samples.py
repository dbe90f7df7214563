"""The sample corpus: whatever people call X12 is read, or refused by our own error with a place."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import pytest

from shared.x12.malformed import MalformedX12
from shared.x12.sets.t835_x221a1 import balance, natural_key, read_835
from shared.x12.sets.t837i_x223a2 import InstitutionalClaim, read_837i
from shared.x12.sets.t837p_x222a1 import ProfessionalClaim, read_837p
from shared.x12.tokens import tokenize
from tests.unit.shared.x12.every_set import READERS, refused_by
from tests.unit.shared.x12.examples import SAMPLES, needs_samples

FILES: Final = sorted(path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*.edi"))


@needs_samples
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_or_refused_with_a_place(name: str) -> None:
    data = (SAMPLES / name).read_bytes()

    for read in (tokenize, *(read for readers in READERS.values() for read in readers)):
        refusal = refused_by(read, data)

        assert refusal is None or 0 <= refusal.offset <= len(data)
        assert refusal is None or refusal.slug.startswith("x12-")


@needs_samples
def test_most_valid_claims_and_remittances_are_read() -> None:
    claims = [read_837p((SAMPLES / name).read_bytes()) for name in FILES if name.startswith("837P/kputnam")]
    paid = [read_835((SAMPLES / name).read_bytes()) for name in FILES if name.startswith("835/kputnam")]

    assert sum(len(batch.claims) for batches in claims for batch in batches) == 10
    assert sum(len(found.claims) for found_all in paid for found in found_all) == 14
    assert all(claim.lines and claim.charge_cents for batches in claims for batch in batches for claim in batch.claims)


@needs_samples
def test_an_interchange_number_says_nothing_about_a_payment() -> None:
    read = read_835((SAMPLES / "835" / "tastypackets-x12-parser_profee_multiple.edi").read_bytes())

    assert len(read) == 156
    assert len({found.interchange_control_number for found in read}) == 1
    assert Counter(balance(found) for found in read) == {(): 156}
    assert len({(natural_key(found), found.body_hash) for found in read}) == len({found.body_hash for found in read})


GOLDEN_CLAIMS: Final = sorted(
    name
    for name in FILES
    if name.startswith(("837P/kputnam", "837I/kputnam", "837P/moov", "837P/x12-parser-library", "selfmade/837P"))
)


class Sums(NamedTuple):
    """What a file adds up to. **Units**: dollars, as a decimal has no other unit here."""

    claims: int
    charges: Decimal
    lines: int
    line_charges: Decimal
    other_payers: int
    decisions: int
    paid: Decimal
    adjusted: Decimal


@needs_samples
@pytest.mark.parametrize("name", [name for name in FILES if name.startswith(("837P/", "837I/", "selfmade/837P"))])
def test_claims_lines_and_money_agree_with_an_independent_count(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    read = read_837i if _kind(data) == "SV2" else read_837p
    try:
        batches = read(data)
    except MalformedX12:
        assert name not in GOLDEN_CLAIMS
        return

    assert _sums([claim for batch in batches for claim in batch.claims]) == _counted(data)


@needs_samples
def test_golden_claims_are_there() -> None:
    assert len(GOLDEN_CLAIMS) == 16


def _kind(data: bytes) -> str:
    return "SV2" if b"SV2" in data else "SV1"


def _sums(claims: Sequence[ProfessionalClaim | InstitutionalClaim]) -> Sums:
    lines = [line for claim in claims for line in claim.lines]
    others = [other for claim in claims for other in claim.other_payers]
    decided = [one for line in lines for one in line.adjudications]
    adjusted = [*(other.adjustments for other in others), *(one.adjustments for one in decided)]
    return Sums(
        claims=len(claims),
        charges=_dollars(claim.charge_cents for claim in claims),
        lines=len(lines),
        line_charges=_dollars(line.charge_cents for line in lines),
        other_payers=len(others),
        decisions=len(decided),
        paid=_dollars(one.paid_cents for one in decided),
        adjusted=_dollars(adjustment.amount_cents for found in adjusted for adjustment in found),
    )


def _dollars(cents: Iterable[int]) -> Decimal:
    return Decimal(sum(cents)) / 100


def _counted(data: bytes) -> Sums:
    """Count by splitting alone, interchange by interchange: no loop, no type, nothing of the readers."""
    found: list[list[str]] = []
    text = data.decode("latin-1").lstrip("\xef\xbb\xbf \r\n")
    while text.startswith("ISA"):
        element, terminator = text[3], text[105]
        for segment in text.split(terminator):
            text = text[len(segment) + 1 :]
            found.append(segment.strip().split(element))
            if found[-1][0] == "IEA":
                break
        text = text.lstrip()
    by_tag = {tag: [e for e in found if e[0] == tag] for tag in ("CLM", "SV1", "SV2", "SVD", "CAS", "SBR", "HL")}
    subscribers = sum(e[3] == "22" for e in by_tag["HL"])
    return Sums(
        claims=len(by_tag["CLM"]),
        charges=sum((Decimal(e[2]) for e in by_tag["CLM"]), Decimal(0)),
        lines=len(by_tag["SV1"]) + len(by_tag["SV2"]),
        line_charges=sum((Decimal(e[2]) for e in by_tag["SV1"]), Decimal(0))
        + sum((Decimal(e[3]) for e in by_tag["SV2"]), Decimal(0)),
        other_payers=len(by_tag["SBR"]) - subscribers,
        decisions=len(by_tag["SVD"]),
        paid=sum((Decimal(e[2]) for e in by_tag["SVD"]), Decimal(0)),
        adjusted=sum((Decimal(amount) for e in by_tag["CAS"] for amount in e[3::3] if amount), Decimal(0)),
    )
