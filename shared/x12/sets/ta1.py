"""TA1, the answer to an interchange before anybody looks into it: values, `write_ta1`, `read_ta1`.

**Source**: X12.5, 005010; RFI 1591: it stands directly behind the ISA and needs no group, then IEA01 is 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from shared.kernel.errors import Malformed
from shared.x12.elements import count, day
from shared.x12.interchange import Loose, parts
from shared.x12.tokens import Source
from shared.x12.writer import CannotBeWritten, Envelope, SetWriter, enclose_loose, identifier, written_day


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeAcknowledgement:
    """What became of an interchange.

    **Shape**: the first three fields repeat the ISA that is answered, `control_number` its ISA13, nine digits; `code`
    A accepted, E accepted with errors, R rejected, then nothing of it was processed; `note` 000 or why.
    """

    control_number: str
    written_on: date
    written_time: str
    code: str
    note: str
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


def read_ta1(source: Source) -> tuple[InterchangeAcknowledgement, ...]:
    """Return the TA1s of a file, none where it has none.

    **Shape**: one for each interchange that is answered, wherever outside a group it stands.
    **Errors**: `UnreadableSegment`, and those of the envelope (`parts`). **Source**: X12.5, 005010; RFI 1591.
    """
    return tuple(
        _acknowledgement(part)
        for part in parts(source)
        if isinstance(part, Loose) and part.raw.startswith("TA1" + part.separators.element)
    )


def write_ta1(acknowledgements: Sequence[InterchangeAcknowledgement], *, envelope: Envelope) -> bytes:
    """Return one interchange that holds TA1s and nothing else. **Errors**: `CannotBeWritten`."""
    if not acknowledgements:
        raise CannotBeWritten("a file has at least one acknowledgement")
    out = SetWriter(envelope.separators)
    for said in acknowledgements:
        number = identifier(said.control_number, length_max=9)
        # TA102 is a six-digit day like ISA09, whatever the rest of the guide does.
        out.add("TA1", number, written_day(said.written_on)[2:], said.written_time, said.code, said.note)
    return enclose_loose(out.raw(), envelope=envelope)


def _acknowledgement(loose: Loose) -> InterchangeAcknowledgement:
    element = loose.separators.element
    elements = (loose.raw + element * 6).split(element)
    try:
        count(elements[1])
        return InterchangeAcknowledgement(
            control_number=elements[1],
            written_on=day(elements[2]),
            written_time=elements[3],
            code=elements[4],
            note=elements[5],
            raw=(loose.raw,),
        )
    except Malformed as error:
        raise loose.unreadable(str(error)) from None
