"""The claims of one ST with their header, whatever kind of claims, and how a set becomes one.

Owns: header and end of reading. Refuses: to know a claim; the sets say how a draft becomes one. Next: `walk.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared.x12.interchange import Transaction
from shared.x12.sets.t837.parties import Receiver, Submitter
from shared.x12.sets.t837.walk import Draft, Walk

Made = TypeVar("Made")
Claim_co = TypeVar("Claim_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Generic[Claim_co]):
    """The claims of one ST (BHT, 1000A, 1000B).

    **Shape**: `reference` is BHT03, which a 277CA returns; claims as in the file. `purpose` 00 an original, 18 sent
    again; `kind` CH what is to be paid, RP encounters that are reported, 31 what another payer wants back.
    """

    submitter: Submitter
    receiver: Receiver
    reference: str
    claims: tuple[Claim_co, ...]
    purpose: str = "00"
    kind: str = "CH"
    control_number: str = field(default="", compare=False)
    group_control_number: str = field(default="", compare=False)
    interchange_control_number: str = field(default="", compare=False)


def read_batch(
    transaction: Transaction,
    *,
    others: tuple[str, ...],
    convert: Callable[[Walk, Draft], object],
    batch: Callable[..., Made],
) -> Made:
    """Return the claims of one ST with their header, as the `batch` of their set.

    **Shape**: `others` are the guides that these claims are not of; `convert` makes a claim of a draft.
    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`; each says where.
    """
    walk = Walk(transaction, others=others)
    found = tuple(walk.claims(convert))
    return batch(
        submitter=walk.submitter(),
        receiver=walk.receiver(),
        reference=walk.reference,
        claims=found,
        purpose=walk.purpose,
        kind=walk.kind,
        control_number=transaction.control_number,
        group_control_number=transaction.group.control_number,
        interchange_control_number=transaction.interchange.control_number,
    )
