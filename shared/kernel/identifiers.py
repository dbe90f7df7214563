"""The names of things that more than one service speaks of: type, description, synthetic example; and their checks.

Ids of ours are opaque texts, random or derived, and never hold an MRN, a member id or a word of a claim.
"""

import re
from hashlib import sha1
from typing import Annotated, Final

from msgspec import Meta

PatientId = Annotated[str, Meta(description="One patient.", examples=["0190f3c2-0000-7000-8000-000000000001"])]
CoverageId = Annotated[
    str, Meta(description="One insurance of one patient.", examples=["0190f3c2-0000-7000-8000-000000000002"])
]
PayerId = Annotated[str, Meta(description="One payer.", examples=["0190f3c2-0000-7000-8000-000000000003"])]
ProviderId = Annotated[
    str, Meta(description="One clinician or organization.", examples=["0190f3c2-0000-7000-8000-000000000004"])
]
AppointmentId = Annotated[str, Meta(description="One appointment.", examples=["0190f3c2-0000-7000-8000-000000000005"])]
EncounterId = Annotated[str, Meta(description="One visit.", examples=["0190f3c2-0000-7000-8000-000000000006"])]
ClaimId = Annotated[
    str, Meta(description="One claim: a request to one payer.", examples=["0190f3c2-0000-7000-8000-000000000007"])
]
RemittanceId = Annotated[
    str, Meta(description="One remittance: one check or transfer.", examples=["0190f3c2-0000-7000-8000-000000000008"])
]
FeeScheduleId = Annotated[
    str, Meta(description="One fee schedule, over all its versions.", examples=["0190f3c2-0000-7000-8000-000000000009"])
]
SubmissionId = Annotated[
    str, Meta(description="One sending of one claim.", examples=["0190f3c2-0000-7000-8000-00000000000a"])
]
BatchId = Annotated[
    str, Meta(description="One group of claims in one file.", examples=["0190f3c2-0000-7000-8000-00000000000b"])
]
AuthorizationId = Annotated[
    str,
    Meta(description="One consent of a payer, asked for or given.", examples=["0190f3c2-0000-7000-8000-00000000000c"]),
]
PatientControlNumber = Annotated[
    str,
    Meta(description="Our number of one submission (CLM01, returned as CLP01).", examples=["CLM7H2K9Q4M1X"]),
]
PayerClaimNumber = Annotated[
    str, Meta(description="The payer's number of a claim (ICN; CLP07, 277CA REF*1K).", examples=["ICN2026000001"])
]
LineControlNumber = Annotated[
    str, Meta(description="Our number of one line within its claim (REF*6R).", examples=["L1"])
]
Sha256 = Annotated[
    str,
    Meta(
        description="SHA-256 of a file's bytes, hexadecimal.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]

UUID_PATTERN: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""What a UUID looks like here: lower case, with hyphens."""
_DERIVED: Final = bytes.fromhex("6f2d9f4e52a75c0b9d0a4c1a1b7a6c11")
_NPI_PREFIX_SUM: Final = 24  # what the prefix 80840 adds to the Luhn sum
_NPI: Final = re.compile(r"[12][0-9]{9}")
_LETTER: Final = "AC-HJKMNP-RT-Y"  # of a Medicare number: without S, L, O, I, B and Z
_MBI: Final = re.compile(
    rf"[1-9][{_LETTER}][0-9{_LETTER}][0-9][{_LETTER}][0-9{_LETTER}][0-9][{_LETTER}]{{2}}[0-9]{{2}}"
)


def derived_id(kind: str, *parts: str) -> str:
    """Return the id that follows from what it names: the same parts always give the same id."""
    return named_id(_DERIVED, "\x1f".join((kind, *parts)))


def named_id(namespace: bytes, name: str) -> str:
    """Return the UUID, version 5, of a name: what `str(uuid5(…))` says, in a fifth of its time.

    **Source**: RFC 9562, section 5.5.
    """
    digest = sha1(namespace + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def is_npi(text: str) -> bool:
    """Return whether a text is a well-formed NPI. **Source**: 45 CFR 162.406; Luhn over 80840."""
    if _NPI.fullmatch(text) is None:
        return False
    doubled = (int(digit) * 2 for digit in text[-2::-2])
    total = _NPI_PREFIX_SUM + sum(map(int, text[-1::-2])) + sum(map(sum, (divmod(each, 10) for each in doubled)))
    return total % 10 == 0


def is_mbi(text: str) -> bool:
    """Return whether a text has the form of a Medicare Beneficiary Identifier, as claims carry it: without dashes.

    **Source**: CMS, Medicare Beneficiary Identifier format; a form alone, there is no check digit.
    """
    return _MBI.fullmatch(text) is not None
