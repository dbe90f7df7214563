"""Why a file cannot be read, and where: by byte and by segment, never by a value, which may be a patient's.

So a segment is called by its name only where X12 has a segment of that name: what stands in the place of one is a text
in which somebody's separator stood, and three letters are enough for a name.
"""

from typing import Final

from shared.kernel.errors import Malformed

_NAMES: Final = """
AAA ACT ADX AK1 AK2 AK3 AK4 AK5 AK9 AMT BGN BHT BIN BPR CAS CAT CL1 CLM CLP CN1 COB CR1 CR2 CR3 CR4 CR5 CR6 CRC CTP
CTX CUR DMG DN1 DN2 DSB DTM DTP EB EC EFI ENT EQ FRM GE GS HCP HCR HD HI HL HSD ICM IDC IEA III IK3 IK4 IK5 INS ISA
IT1 K3 LE LIN LQ LS LUI LX MEA MIA MOA MPI MSG N1 N2 N3 N4 NM1 NTE OI OOI PAT PER PLA PLB PRV PS1 PWK QTY RDM REF RMR
SBR SE SLN ST STC SV1 SV2 SV3 SV4 SV5 SV6 SV7 SVC SVD TA1 TOO TRN TS2 TS3 UM VEH
"""
_SEGMENTS: Final = frozenset(_NAMES.split())
"""Segments of the transaction sets of health care, and of the envelopes."""


def segment_name(text: str) -> str:
    """Return the name of a segment, nothing where none has this name."""
    return text if text in _SEGMENTS else ""


class MalformedX12(Malformed):
    """The bytes are not the X12 that they claim to be.

    **Shape**: `offset` is the byte where the segment at fault begins, `segment` its number; `segment_id` its name, None
    where X12 has no such segment. **Units**: bytes from 0, segments from 1, both counted from the start of the file.
    """

    slug = "x12-malformed"

    def __init__(self, rule: str, *, offset: int, segment: int, segment_id: str | None = None) -> None:
        super().__init__(rule)
        self.offset = offset
        self.segment = segment
        self.segment_id = segment_name(segment_id or "") or None


class NotAnX12Value(Malformed):
    """An element is not of its type; a reader that knows the place turns this into `UnreadableSegment`."""

    slug = "x12-value"


class UnreadableSegment(MalformedX12):
    """A segment lacks what it must have, or has an amount, a date or a number that is none."""

    slug = "x12-unreadable-segment"


class MisplacedSegment(MalformedX12):
    """A segment stands where its guide has no place for it."""

    slug = "x12-misplaced-segment"


class UnexpectedTransaction(MalformedX12):
    """The file holds another transaction set than the one asked for."""

    slug = "x12-unexpected-transaction"
