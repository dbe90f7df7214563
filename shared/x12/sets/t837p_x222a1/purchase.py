"""A service that the biller bought of somebody else and bills on, such as the technical part of a test.

Owns: the value, how it is read and written. Refuses: a price without whom it was paid to, and the other way round.
**Source**: 005010X222A1 2400 PS1, and loop 2420B. Next: `reading.py`, `writing.py`.
"""

from dataclasses import dataclass
from typing import Final

from shared.x12.elements import cents_or_none
from shared.x12.segments import Reference
from shared.x12.sets.t837 import codes
from shared.x12.sets.t837.walk import Draft, Party, Walk
from shared.x12.sets.t837.writing import write_references
from shared.x12.writer import CannotBeWritten, SetWriter, amount, identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Whom a service was bought of, and at what price (PS1, 2420B). **Units**: cents.

    **Shape**: `seller_id` is PS101, mostly the NPI again; `kind` 1 a person, 2 none; `references` are the seller's
    other numbers (0B, 1G, G2). `cost_cents` is None where a partner says no price; it is required when writing.
    """

    seller_id: str
    cost_cents: int | None
    npi: str = ""
    kind: str = codes.ORGANISATION
    references: tuple[Reference, ...] = ()


SELLER: Final = "QB"
_NOBODY: Final = Party([""] * 20)


def purchase(walk: Walk, line: Draft) -> Purchase | None:
    """Return what of a line was bought, None where nothing was. **Errors**: `NotAnAmount`."""
    found, seller = line.kept.get("PS1"), line.parties.get(SELLER)
    if found is None and seller is None:
        return None
    party = seller or _NOBODY
    seller_id, cost_cents = "", None
    if found is not None:
        walk.at, e = found[0]
        seller_id, cost_cents = e[1], cents_or_none(e[2])
    return Purchase(
        seller_id=seller_id,
        cost_cents=cost_cents,
        npi=party.npi,
        kind=party.elements[2] or codes.ORGANISATION,
        references=party.references,
    )


def write_cost(out: SetWriter, found: Purchase) -> None:
    """Append what a service was bought for. **Errors**: `CannotBeWritten`."""
    if found.cost_cents is None or found.cost_cents < 0:
        raise CannotBeWritten("what was bought has a price, and it is not negative")
    out.add("PS1", identifier(found.seller_id, length_max=50), amount(found.cost_cents))


def write_seller(out: SetWriter, found: Purchase) -> None:
    """Append whom a service was bought of. **Errors**: `CannotBeWritten`."""
    known = (*[""] * 5, "XX", identifier(found.npi, length_max=80)) if found.npi else ()
    out.add("NM1", SELLER, codes.KINDS.checked(found.kind), *known)
    write_references(out, found.references, codes.ORDERER_NUMBERS)
