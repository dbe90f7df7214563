"""A procedure code is in force on the line's date of service, as far as a table says so."""

import re
from collections.abc import Iterator
from typing import Final, assert_never

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import Line, ScrubSubject
from shared.codesets.edition import MoreDigitsNeeded, NotValidOnDate, TableNotLoaded, UnknownCode, Valid

_SHAPE: Final = re.compile(r"[A-Z0-9][0-9]{3}[0-9A-Z]")


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each code that is not in force; then one gap for each missing table, with the codes that it would judge."""
    gaps: dict[TableNotLoaded, list[str]] = {}
    for line in subject.lines:
        code = line.procedure.code
        match line.procedure.answer:
            case Valid():
                continue
            case TableNotLoaded() as answer:
                if _SHAPE.fullmatch(code):
                    gaps.setdefault(answer, []).append(code)
                else:
                    yield _failure(line, None)
            case NotValidOnDate(edition, valid):
                yield _failure(line, edition.name, *(f"usable {days}" for days in valid))
            case UnknownCode(edition) | MoreDigitsNeeded(edition):
                yield _failure(line, edition.name)
            case _:
                assert_never(line.procedure.answer)
    for answer, codes in gaps.items():
        yield not_loaded(answer, field="lines", inputs=tuple(dict.fromkeys(codes)))


def _failure(line: Line, edition: str | None, *usable: str) -> Failure:
    return Failure(
        field=f"lines/{line.line_no}/procedure_code",
        inputs=(line.procedure.code, str(line.service_from_on), *usable),
        line_no=line.line_no,
        edition=edition,
    )


PROCEDURE_CODE_KNOWN: Final = Rule(
    id="procedure_code_known",
    version=2,
    about="Every procedure is a HCPCS code in force on its date of service. CPT is licensed and not loaded: no data.",
    citation="45 CFR 162.1002(c)(1)",
    source="HCPCS Level II quarterly release; CPT from the user's own licence",
    severity="error",
    owner="coder",
    mend="Use the procedure code in force on the date of service.",
    check=check,
    applies=lambda subject: bool(subject.lines),
)
