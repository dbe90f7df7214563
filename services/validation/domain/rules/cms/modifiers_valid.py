"""A line has at most four modifiers of two characters, each once, and each in force where a table says so."""

import re
from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import Line, ScrubSubject
from shared.codesets.edition import NotValidOnDate, TableNotLoaded, UnknownCode
from shared.codesets.modifiers import PER_LINE_MAX

_SHAPE: Final = re.compile(r"[A-Z0-9]{2}")


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line whose modifiers cannot be sent, then each modifier that its table does not know."""
    for line in subject.lines:
        codes = [modifier.code for modifier in line.modifiers]
        if len(codes) > PER_LINE_MAX or len(set(codes)) < len(codes) or not all(map(_SHAPE.fullmatch, codes)):
            yield Failure(field=f"lines/{line.line_no}/modifiers", inputs=tuple(codes), line_no=line.line_no)
        elif codes:
            yield from _unknown(line)


def _unknown(line: Line) -> Iterator[Result]:
    field = f"lines/{line.line_no}/modifiers"
    for modifier in line.modifiers:
        inputs = (modifier.code, str(line.service_from_on))
        match modifier.answer:
            case TableNotLoaded() as answer:
                yield not_loaded(answer, field=field, inputs=inputs, line_no=line.line_no)
            case UnknownCode(edition) | NotValidOnDate(edition):
                yield Failure(
                    field=field,
                    inputs=inputs,
                    line_no=line.line_no,
                    edition=edition.name,
                    severity="warning",
                    mend="Check the modifier; its table does not have it on the date of service.",
                )
            case _:
                continue


MODIFIERS_VALID: Final = Rule(
    id="modifiers_valid",
    version=1,
    about="A line has at most 4 modifiers, two characters each, none twice (error); each is known (warning).",
    citation="005010X222A1, loop 2400, SV101-3 to SV101-6; HCPCS Level II modifiers",
    source="X12 implementation guide 005010X222A1; HCPCS quarterly release, modifier records",
    severity="error",
    owner="coder",
    mend="Keep at most four modifiers of two characters, each once.",
    check=check,
    applies=lambda subject: any(line.modifiers for line in subject.lines),
)
