"""The sample corpus: whatever people call X12 is read, or refused by our own error with a place."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import pytest

from shared.x12.malformed import MalformedX12
from shared.x12.sets.t270_x279a1 import read_270
from shared.x12.sets.t271_x279a1 import read_271
from shared.x12.sets.t276_x212 import read_276
from shared.x12.sets.t277_x212 import read_277
from shared.x12.sets.t277ca_x214 import read_277ca
from shared.x12.sets.t835_x221a1 import balance, natural_key, read_835
from shared.x12.sets.t837i_x223a2 import read_837i
from shared.x12.sets.t837p_x222a1 import read_837p
from shared.x12.sets.t999_x231a1 import read_999
from shared.x12.sets.ta1 import read_ta1
from shared.x12.tokens import tokenize
from tests.unit.shared.x12.examples import SAMPLES, needs_samples

READERS: Final[tuple[Callable[[bytes], Any], ...]] = (
    read_837p, read_837i, read_835, read_999, read_277ca, read_ta1, read_270, read_271, read_276, read_277,
    lambda data: list(tokenize(data)),
)  # fmt: skip
FILES: Final = sorted(path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*.edi"))


@needs_samples
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_or_refused_with_a_place(name: str) -> None:
    data = (SAMPLES / name).read_bytes()

    for read in READERS:
        refusal = _refusal(read, data)

        assert refusal is None or 0 <= refusal.offset <= len(data)
        assert refusal is None or refusal.slug.startswith("x12-")


def _refusal(read: Callable[[bytes], Any], data: bytes) -> MalformedX12 | None:
    try:
        read(data)
    except MalformedX12 as refusal:
        return refusal
    return None


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
