"""The sample corpus again: what readers find agrees with a count that uses none of them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest

from shared.x12.interchange import open_sets, parts, transaction_sets
from shared.x12.malformed import MalformedX12
from shared.x12.sets import t835_x221a1 as t835
from shared.x12.sets import t837i_x223a2 as t837i
from shared.x12.sets import t837p_x222a1 as t837p
from shared.x12.tokens import tokenize
from tests.support.x12_tally import Tally, of_claims, of_remittances
from tests.unit.shared.x12.examples import SAMPLES, needs_samples

FILES: Final = sorted(path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*.edi"))
LOOPS: Final = frozenset({"HL", "CLM", "CLP", "LX", "PLB"})


def _read(read: Callable[[bytes], Any], data: bytes) -> Any:  # noqa: ANN401 (whatever a reader gives, or its refusal)
    try:
        return read(data)
    except MalformedX12 as refusal:
        return type(refusal), refusal.offset, refusal.segment, refusal.segment_id


@needs_samples
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_the_same_in_parts_and_in_loops(name: str) -> None:
    data = (SAMPLES / name).read_bytes()

    whole = _read(lambda data: [raw for found in transaction_sets(data) for raw in found.raw], data)
    loops = _read(
        lambda data: [raw for opened in open_sets(data) for loop in opened.loops(LOOPS) for raw in loop.raw], data
    )

    assert loops == whole
    assert isinstance(_read(lambda data: list(parts(data)), data), tuple) == isinstance(whole, tuple)
    assert _read(lambda data: len(list(tokenize(data))), data)


@needs_samples
@pytest.mark.parametrize("name", FILES)
def test_a_file_of_remittances_holds_what_was_counted(name: str) -> None:
    data = (SAMPLES / name).read_bytes()

    read = _read(t835.read_835, data)

    coming = _read(lambda data: [claim for one in t835.stream_835(data) for claim in one.claims()], data)
    if isinstance(read, tuple) and read and isinstance(read[0], t835.Remittance):
        assert coming == [claim for one in read for claim in one.claims]
        assert _tally_of_remittances(read) == of_remittances(data)
    else:
        assert coming == (read or [])


def _tally_of_remittances(read: tuple[t835.Remittance, ...]) -> Tally:
    claims = [claim for one in read for claim in one.claims]
    lines = [line for claim in claims for line in claim.lines]
    adjustments = [one.adjustments for one in claims] + [one.adjustments for one in lines]
    outside = [each.amount_cents for one in read for each in one.provider_adjustments]
    return Tally(
        claims=len(claims),
        lines=len(lines),
        charged=_dollars(claim.charge_cents for claim in claims),
        paid=_dollars(claim.paid_cents for claim in claims),
        charged_by_line=_dollars(line.charge_cents for line in lines),
        paid_by_line=_dollars(line.paid_cents for line in lines),
        adjusted=_dollars(each.amount_cents for some in adjustments for each in some),
        outside_the_claims=_dollars(outside),
    )


def _dollars(cents: Any) -> Decimal:  # noqa: ANN401 (any iterable of whole cents)
    return Decimal(sum(cents)) / 100


@needs_samples
@pytest.mark.parametrize("name", [name for name in FILES if name.startswith(("837P/", "selfmade/837P"))])
def test_a_file_of_professional_claims_holds_what_was_counted(name: str) -> None:
    data = (SAMPLES / name).read_bytes()

    read = _read(t837p.read_837p, data)

    if read and isinstance(read[0], t837p.ClaimBatch):
        claims = [claim for batch in read for claim in batch.claims]
        lines = [line for claim in claims for line in claim.lines]
        assert of_claims(data, service="SV1") == Tally(
            claims=len(claims),
            lines=len(lines),
            charged=_dollars(claim.charge_cents for claim in claims),
            charged_by_line=_dollars(line.charge_cents for line in lines),
        )


@needs_samples
@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("837I/")])
def test_a_file_of_institutional_claims_holds_what_was_counted(name: str) -> None:
    data = (SAMPLES / name).read_bytes()

    read = _read(t837i.read_837i, data)

    if read and isinstance(read[0], t837i.ClaimBatch):
        claims = [claim for batch in read for claim in batch.claims]
        lines = [line for claim in claims for line in claim.lines]
        assert of_claims(data, service="SV2") == Tally(
            claims=len(claims),
            lines=len(lines),
            charged=_dollars(claim.charge_cents for claim in claims),
            charged_by_line=_dollars(line.charge_cents for line in lines),
        )


@needs_samples
def test_enough_of_the_corpus_is_read_for_its_counts_to_mean_something() -> None:
    remittances = [_read(t835.read_835, (SAMPLES / name).read_bytes()) for name in FILES if "835" in name]
    batches = [_read(t837p.read_837p, (SAMPLES / name).read_bytes()) for name in FILES if "837P" in name]

    assert sum(bool(read) and isinstance(read[0], t835.Remittance) for read in remittances) >= 12
    assert sum(bool(read) and isinstance(read[0], t837p.ClaimBatch) for read in batches) >= 30
