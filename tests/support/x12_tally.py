"""What a file of remittances or claims holds, counted without any reader of ours: by splitting, and with decimals.

Owns: an independent count of claims, lines and money. Refuses: meaning; every segment of a kind counts, wherever it is.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

_ISA_BYTES = 106
_BLANK = "\ufeff\xef\xbb\xbf \t\r\n"


class Tally(NamedTuple):
    """Counts and sums over a file. **Units**: dollars; what a file of this kind has not is zero."""

    claims: int = 0
    lines: int = 0
    charged: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    charged_by_line: Decimal = Decimal(0)
    paid_by_line: Decimal = Decimal(0)
    adjusted: Decimal = Decimal(0)
    outside_the_claims: Decimal = Decimal(0)


def of_remittances(data: bytes) -> Tally:
    """Return what an 835 holds: CLP03, CLP04, SVC02, SVC03, the amounts of CAS and of PLB."""
    found = list(_segments(data))
    return Tally(
        claims=sum(e[0] == "CLP" for e in found),
        lines=sum(e[0] == "SVC" for e in found),
        charged=_sum(found, "CLP", 3),
        paid=_sum(found, "CLP", 4),
        charged_by_line=_sum(found, "SVC", 2),
        paid_by_line=_sum(found, "SVC", 3),
        adjusted=_sum(found, "CAS", 3, 6, 9, 12, 15, 18),
        outside_the_claims=_sum(found, "PLB", 4, 6, 8, 10, 12, 14),
    )


def of_claims(data: bytes, *, service: str) -> Tally:
    """Return what an 837 holds: CLM02, and the charges of its lines (SV102, SV203)."""
    found = list(_segments(data))
    return Tally(
        claims=sum(e[0] == "CLM" for e in found),
        lines=sum(e[0] == "LX" for e in found),
        charged=_sum(found, "CLM", 2),
        charged_by_line=_sum(found, service, 2 if service == "SV1" else 3),
    )


def _segments(data: bytes) -> Iterator[list[str]]:
    """Yield the elements of every segment, interchange by interchange, each with its own separators."""
    text = data.decode("latin-1").lstrip(_BLANK)
    while text.startswith("ISA"):
        element, terminator = text[3], text[_ISA_BYTES - 1]
        begin = 0
        while True:
            end = text.find(terminator, begin)
            raw = (text[begin:] if end < 0 else text[begin:end]).strip()
            yield raw.split(element)
            begin = len(text) if end < 0 else end + 1
            if raw.startswith("IEA") or begin >= len(text):
                break
        text = text[begin:].lstrip(_BLANK)


def _sum(found: list[list[str]], segment_id: str, *places: int) -> Decimal:
    amounts = (e[at] for e in found if e[0] == segment_id for at in places if at < len(e))
    return sum((Decimal(amount) for amount in amounts if amount), Decimal(0))
