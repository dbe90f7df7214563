"""What a rule of a payer may ask about: a closed list of fields of a claim and of its lines.

Owns: their names, which are for ever, and what each reads. Codes are a tuple, empty where there is none; None is what
nobody knows, and a condition over it is neither true nor false. Names that begin with `line.` are asked of a line.
Next: `condition.py` compares.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from services.validation.domain.payer_rule import pattern
from services.validation.domain.payer_rule.claim import Claim, ClaimLine
from services.validation.domain.payer_rule.pattern import WEEKDAYS, Form

Kind: TypeAlias = Literal["codes", "number", "day", "flag"]
Value: TypeAlias = tuple[str, ...] | int | date | bool | None
Read: TypeAlias = Callable[[Claim, ClaimLine], Value]
OF_LINE: Final = "line."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """One thing to ask about. **Shape**: codes have a `form`; `shown`: findings say what it was, so nothing personal.

    `single`: a claim, or a line, has at most one such code.
    """

    kind: Kind
    about: str
    read: Read
    form: Form | None = None
    single: bool = False
    shown: bool = False


def _codes(form: Form, about: str, read: Read, *, shown: bool = True) -> Field:
    return Field(kind="codes", about=about, read=read, form=form, shown=shown)


def _code(form: Form, about: str, read: Read, *, shown: bool = True) -> Field:
    return Field(kind="codes", about=about, read=read, form=form, shown=shown, single=True)


def _number(about: str, read: Read) -> Field:
    return Field(kind="number", about=about, read=read)


def _day(about: str, read: Read) -> Field:
    return Field(kind="day", about=about, read=read)


def _flag(about: str, read: Read) -> Field:
    return Field(kind="flag", about=about, read=read)


def _one(code: str | None) -> tuple[str, ...]:
    return () if code is None else (code,)


def _days(first: date, last: date | None) -> int:
    return 1 if last is None else (last - first).days + 1


def _from(claim: Claim, line: ClaimLine) -> date:
    return line.service_from_on or claim.service_on


def _pointed(claim: Claim, line: ClaimLine) -> tuple[str, ...]:
    coded = claim.diagnoses
    return tuple([coded[pointer - 1] for pointer in line.pointers if 0 < pointer <= len(coded)])


def _beside(claim: Claim, line: ClaimLine) -> tuple[str, ...]:
    """Return the other services of a line's day, in this encounter and in others."""
    on = _from(claim, line)
    own = [each.procedure for each in claim.lines if each is not line and _from(claim, each) == on]
    return (*own, *(each.procedure for each in claim.same_day if (each.service_on or claim.service_on) == on))


def _repeats(claim: Claim, line: ClaimLine) -> int:
    return sum(each.procedure == line.procedure for each in claim.lines)


_OF_CLAIM: Final[dict[str, Field]] = {
    "diagnoses": _codes(pattern.DIAGNOSIS, "Every diagnosis.", lambda claim, _: claim.diagnoses),
    "first_diagnosis": _code(pattern.DIAGNOSIS, "The first-listed diagnosis.", lambda claim, _: claim.diagnoses[:1]),
    "other_diagnoses": _codes(pattern.DIAGNOSIS, "All but the first-listed.", lambda claim, _: claim.diagnoses[1:]),
    "diagnosis_count": _number("How many diagnoses.", lambda claim, _: len(claim.diagnoses)),
    "procedures": _codes(
        pattern.PROCEDURE, "Procedure codes of all lines.", lambda claim, _: tuple([at.procedure for at in claim.lines])
    ),
    "modifiers": _codes(
        pattern.MODIFIER,
        "Modifiers of all lines.",
        lambda claim, _: tuple([each for at in claim.lines for each in at.modifiers]),
    ),
    "line_count": _number("How many lines.", lambda claim, _: len(claim.lines)),
    "units_total": _number("Units of all lines.", lambda claim, _: sum([at.units for at in claim.lines])),
    "other_encounters_procedures": _codes(
        pattern.PROCEDURE,
        "What the same provider rendered for the patient in other encounters of the claim's days.",
        lambda claim, _: tuple([each.procedure for each in claim.same_day]),
    ),
    "place_of_service": _code(pattern.PLACE, "Place of service.", lambda claim, _: _one(claim.place_of_service)),
    "in_facility": _flag("The place has the rate of a facility.", lambda claim, _: claim.in_facility),
    "age_years": _number("Completed years of life on the first day of service.", lambda claim, _: claim.age_years),
    "sex": _code(
        pattern.SEX, "Sex as registered.", lambda claim, _: None if claim.sex is None else (claim.sex,), shown=False
    ),
    "has_address": _flag("The patient's address is known.", lambda claim, _: claim.has_address),
    "payer_id": _code(
        pattern.PAYER, "Whose claim it is first.", lambda claim, _: tuple([at.payer_id for at in claim.coverages[:1]])
    ),
    "payer_ids": _codes(
        pattern.PAYER, "Every payer of the visit.", lambda claim, _: tuple([at.payer_id for at in claim.coverages])
    ),
    "filing_indicator": _code(
        pattern.INDICATOR,
        "Claim filing indicator of the first payer (SBR09).",
        lambda claim, _: tuple([at.filing_indicator for at in claim.coverages[:1]]),
    ),
    "filing_indicators": _codes(
        pattern.INDICATOR,
        "Claim filing indicators of all payers.",
        lambda claim, _: tuple([at.filing_indicator for at in claim.coverages]),
    ),
    "filing_order": _code(
        pattern.ORDER,
        "Whose turn the first payer has.",
        lambda claim, _: tuple([at.filing_order for at in claim.coverages[:1]]),
    ),
    "coverage_count": _number("How many coverages; 0: the patient pays.", lambda claim, _: len(claim.coverages)),
    "of_group": _flag(
        "The card of the first coverage names an insured group.",
        lambda claim, _: claim.coverages[0].of_group if claim.coverages else False,
    ),
    "medicare_number": _flag(
        "The number of the first coverage has the form of Medicare's.",
        lambda claim, _: claim.coverages[0].medicare_number if claim.coverages else False,
    ),
    "rendering_npi": _code(
        pattern.NPI, "NPI of who rendered.", lambda claim, _: _one(claim.rendering.npi if claim.rendering else None)
    ),
    "rendering_taxonomy": _code(
        pattern.TAXONOMY,
        "Taxonomy code of who rendered.",
        lambda claim, _: _one(claim.rendering.taxonomy if claim.rendering else None),
    ),
    "rendering_kind": _code(
        pattern.KIND,
        "Whether a person or an organization rendered.",
        lambda claim, _: _one(claim.rendering.kind if claim.rendering else None),
    ),
    "billing_npi": _code(
        pattern.NPI, "NPI of who bills.", lambda claim, _: _one(claim.billing.npi if claim.billing else None)
    ),
    "billing_taxonomy": _code(
        pattern.TAXONOMY,
        "Taxonomy code of who bills.",
        lambda claim, _: _one(claim.billing.taxonomy if claim.billing else None),
    ),
    "billing_kind": _code(
        pattern.KIND,
        "Whether a person or an organization bills.",
        lambda claim, _: _one(claim.billing.kind if claim.billing else None),
    ),
    "billing_has_tax_id": _flag(
        "The tax id of who bills is known.", lambda claim, _: claim.billing.has_tax_id if claim.billing else False
    ),
    "rendering_is_billing": _flag(
        "Who renders also bills.",
        lambda claim, _: (
            claim.rendering is not None and claim.billing is not None and claim.rendering.npi == claim.billing.npi
        ),
    ),
    "service_on": _day("First day of service.", lambda claim, _: claim.service_on),
    "weekday": _code(
        pattern.WEEKDAY, "Day of the week of the first day.", lambda claim, _: (WEEKDAYS[claim.service_on.weekday()],)
    ),
    "visit_from_on": _day("First day of the visit.", lambda claim, _: claim.visit_from_on or claim.service_on),
    "visit_to_on": _day(
        "Last day of the visit.", lambda claim, _: claim.visit_to_on or claim.visit_from_on or claim.service_on
    ),
    "visit_days": _number(
        "Days of the visit, 1 at least.",
        lambda claim, _: _days(claim.visit_from_on or claim.service_on, claim.visit_to_on),
    ),
    "filing_deadline_on": _day("Last day to file with the first payer.", lambda claim, _: claim.filing_deadline_on),
    "days_left_to_file": _number("Days until then, negative after it.", lambda claim, _: claim.days_left_to_file),
    "days_since_service": _number("Days since the first day of service.", lambda claim, _: claim.days_since_service),
}
_OF_LINES: Final[dict[str, Field]] = {
    "line.procedure": _code(pattern.PROCEDURE, "Procedure code.", lambda _, line: (line.procedure,)),
    "line.modifiers": _codes(pattern.MODIFIER, "Modifiers.", lambda _, line: line.modifiers),
    "line.modifier_count": _number("How many modifiers.", lambda _, line: len(line.modifiers)),
    "line.units": _number("Units.", lambda _, line: line.units),
    "line.diagnoses": _codes(pattern.DIAGNOSIS, "The diagnoses that it points to.", _pointed),
    "line.first_diagnosis": _code(
        pattern.DIAGNOSIS, "The one that it points to first.", lambda claim, line: _pointed(claim, line)[:1]
    ),
    "line.pointer_count": _number("How many diagnoses it points to.", lambda _, line: len(line.pointers)),
    "line.number": _number("Its place among the lines, from 1.", lambda _, line: line.line_no),
    "line.repeats": _number("How many lines have its procedure code, itself too.", _repeats),
    "line.same_day_procedures": _codes(
        pattern.PROCEDURE, "Other services of its day, in this encounter or others of the provider.", _beside
    ),
    "line.authorization": _code(
        pattern.AUTHORIZATION,
        "How the first payer's consent to it stands; none: nobody asked, and nobody said that it takes one.",
        lambda _, line: _one(line.authorization),
    ),
    "line.service_from_on": _day("Its first day.", _from),
    "line.service_to_on": _day("Its last day.", lambda claim, line: line.service_to_on or _from(claim, line)),
    "line.days": _number("Its days.", lambda claim, line: _days(_from(claim, line), line.service_to_on)),
    "line.weekday": _code(
        pattern.WEEKDAY,
        "Day of the week of its first day.",
        lambda claim, line: (WEEKDAYS[_from(claim, line).weekday()],),
    ),
}
FIELDS: Final = {**_OF_CLAIM, **_OF_LINES}
