"""A service that articles of Medicare restrict points to a diagnosis that supports it."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.rules.cms.procedure_payable import KNOWN_TO_BE
from services.validation.domain.subject import Line, ScrubSubject
from services.validation.domain.tables import Told
from shared.codesets.coverage_articles import Necessity
from shared.codesets.edition import TableNotLoaded


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line that no article supports; then the procedures that no table was there for.

    A modifier that says that the denial is expected (a notice was signed, or none was) settles the question.
    """
    gaps: dict[TableNotLoaded, list[str]] = {}
    for line in subject.lines:
        if line.necessities is None or not KNOWN_TO_BE.isdisjoint(line.modifier_codes):
            continue
        if isinstance(line.necessities, TableNotLoaded):
            gaps.setdefault(line.necessities, []).append(line.procedure.code)
        else:
            yield from _unsupported(line, line.necessities, subject)
    for gap, codes in gaps.items():
        yield not_loaded(gap, field="lines", inputs=tuple(dict.fromkeys(codes)))


def _unsupported(line: Line, told: Told[tuple[Necessity, ...]], subject: ScrubSubject) -> Iterator[Failure]:
    """Yield the line where articles decide, and none of them supports it: whose contractor pays is not known."""
    deciding = [each for each in told.row if each.met is not None]
    if deciding and not any(each.met for each in deciding):
        yield Failure(
            field=f"lines/{line.line_no}/pointers",
            inputs=(
                line.procedure.code,
                str(line.service_from_on),
                *(
                    subject.diagnoses[pointer - 1].code
                    for pointer in line.pointers
                    if pointer <= len(subject.diagnoses)
                ),
                *(_said(each) for each in deciding),
            ),
            line_no=line.line_no,
            edition=told.edition,
        )


def _said(necessity: Necessity) -> str:
    """Return an article as people look it up, the groups that hold the procedure, and what it rules out."""
    article = necessity.article
    groups = ", ".join(map(str, necessity.groups))
    said = f"article {article.number} version {article.version} group {groups}"
    excluded = dict.fromkeys(match.diagnosis for match in necessity.excluded)
    return f"{said} excludes {', '.join(excluded)}" if excluded else said


MEDICAL_NECESSITY: Final = Rule(
    id="medical_necessity",
    version=1,
    about="A procedure that articles of Medicare list points to a diagnosis that one of them lists as supporting it, of"
    " whichever contractor and group; asked where Medicare or a Medicare Advantage plan pays first (MA, MB, 16), and"
    " not where a modifier says that the denial is expected (GA, GX, GY, GZ). Groups pair loosely: a warning.",
    citation="Social Security Act, section 1862(a)(1)(A); 42 CFR 422.101(b); Medicare Program Integrity Manual chapter"
    " 13; Medicare Claims Processing Manual chapter 30, section 50 (notices); refused otherwise with CARC 50",
    source="Medicare Coverage Database, billing and coding articles in force on the day; MLN Matters MM7228 for GZ",
    effective_from=date(2015, 10, 1),
    severity="warning",
    owner="coder",
    mend="Point to the diagnosis in the record that supports the service. Without one, bill with GA where the patient"
    " signed a notice before the service, and with GZ where nobody did.",
    check=check,
    applies=lambda subject: subject.covered_as_medicare and any(line.pointers for line in subject.lines),
)
