"""What is told beside the codes of a claim or a line: notes, attachments, the drug that was given.

Owns: shapes. **Source**: NTE, PWK and loop 2410 of 005010X222A1 and 005010X223A2.
"""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text for a person (NTE). **Shape**: `code` says what about, ADD for anything; at most 80 characters."""

    code: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A report that goes another way (PWK).

    **Shape**: `report` is its type, OZ for what supports the claim; `transmission` the way, EL electronic, BM by mail,
    FX by fax, FT in a file, EM by e-mail, AA on request. `control_number` finds it again; AA needs none. On a line of
    equipment CT with AB, AD, AF, AG or NS says where the certificate of need is, or that there is none (NS).
    """

    report: str
    transmission: str
    control_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """A drug or supply with its national code (LIN, CTP). **Shape**: `ndc` eleven digits, `unit` F2, GR, ME, ML or UN.

    `quantity` is required when writing; some partners leave it out.
    """

    ndc: str
    quantity: Decimal | None
    unit: str
    prescription_number: str = ""
