"""What a user may say in a rule of a payer: a tree of conditions, what to do, and the cases that show it.

Owns: the shapes, which are stored in facts: a kind may be added, none is ever changed. Refuses: reading (`reading.py`
says what is wrong with a text), and judging (`judging.py`).
"""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from services.validation.domain.payer_rule.claim import Claim

FieldName: TypeAlias = Annotated[str, Meta(description="What is asked about.", examples=["line.procedure"])]
Patterns: TypeAlias = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=80)], ...],
    Meta(description="Codes, beginnings (`E11*`) or ranges (`E10-E14`).", examples=[["99213"]], max_length=200),
]
Bound: TypeAlias = Annotated[int, Meta(ge=-100_000, le=1_000_000)]


class AllOf(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="all"):
    """Every one holds."""

    of: "tuple[Condition, ...]"


class AnyOf(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="any"):
    """At least one holds."""

    of: "tuple[Condition, ...]"


class Not(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="not"):
    """It does not hold."""

    of: "Condition"


class Has(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="has"):
    """One of the codes is one of these."""

    field: FieldName
    any_of: Patterns


class HasAll(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="has-all"):
    """Each of these is among the codes."""

    field: FieldName
    all_of: Patterns


class HasOnly(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="has-only"):
    """There are codes, and each is one of these."""

    field: FieldName
    only: Patterns


class Present(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="present"):
    """There is a code."""

    field: FieldName


class Between(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="number"):
    """A number is within bounds, both of them in it; at least one is given."""

    field: FieldName
    at_least: Bound | None = None
    at_most: Bound | None = None


class OnDays(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="day"):
    """A day is within days, both of them in it; at least one is given."""

    field: FieldName
    from_on: date | None = None
    to_on: date | None = None


class IsFlag(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="flag"):
    """Something is so, or is not."""

    field: FieldName
    value: bool


class Lines(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="lines"):
    """So many lines are such. **Shape**: one at least, if nothing else is said; `at_most` 0: none is."""

    of: "Condition"
    at_least: Annotated[int, Meta(ge=0, le=1_000)] | None = None
    at_most: Annotated[int, Meta(ge=0, le=1_000)] | None = None


Comparison: TypeAlias = Has | HasAll | HasOnly | Present | Between | OnDays | IsFlag
Condition: TypeAlias = AllOf | AnyOf | Not | Lines | Comparison


class AddModifier(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="add-modifier"):
    """The line lacks a modifier."""

    modifier: str


class RemoveModifier(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="remove-modifier"):
    """The line has one too many."""

    modifier: str


class ReplaceModifier(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="replace-modifier"):
    """The line has another one than it should."""

    modifier: str
    by: str


class ReplacePlace(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="replace-place-of-service"):
    """The place of service should be another."""

    by: str


class DiagnosisFirst(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="diagnosis-first"):
    """A diagnosis of the claim should be its first."""

    any_of: Patterns


Change: TypeAlias = AddModifier | RemoveModifier | ReplaceModifier | ReplacePlace | DiagnosisFirst


class Hold(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="hold"):
    """What the rule finds stops a claim, once the rule is enforced."""


class Warn(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="warn"):
    """What the rule finds goes along with the claim, always."""


class Fix(Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="fix"):
    """As hold, and the finding proposes a change; a coder makes it in coding, validation changes no code."""

    change: Change


Action: TypeAlias = Hold | Warn | Fix
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]


class PayerRule(Struct, frozen=True, kw_only=True, gc=False):
    """A rule of a payer.

    **Shape**: it looks at claims whose first payer is one of `payer_ids` or has one of `filing_indicators`, at all
    where both are empty, with a first day of service within its dates, of which `applies` holds. `finds` is what is
    wrong: of the claim, or of each line where `judges` says so. Texts are the user's, and hold nothing personal.
    """

    title: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]
    mend: Text
    citation: Text
    source: Annotated[str, Meta(max_length=500)] = ""
    owner: Literal["coder", "biller", "front-desk"]
    judges: Literal["claim", "lines"] = "claim"
    payer_ids: Annotated[tuple[str, ...], Meta(max_length=200)] = ()
    filing_indicators: Annotated[tuple[str, ...], Meta(max_length=50)] = ()
    service_from_on: date | None = None
    service_to_on: date | None = None
    applies: Condition | None = None
    finds: Condition
    action: Action
    overridable: bool = True


class Case(Struct, frozen=True, kw_only=True, gc=False):
    """A claim, and what the rule says of it."""

    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]
    expects: Literal["found", "nothing", "no-data"]
    claim: Claim


class Draft(Struct, frozen=True, kw_only=True, gc=False):
    """A rule with its cases."""

    rule: PayerRule
    cases: Annotated[tuple[Case, ...], Meta(max_length=50)]
