"""From what a user sends to a draft: every place that makes no sense is named at once, and why.

Owns: the limits and the checks of a draft as a text; codes come out as claims have them. Of places that have another
shape than they should (a property is missing, a number is a text) the first is named alone. Refuses to repeat what it
was given: an answer names places and reasons. Next: `judging.py` runs the cases.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, TypeAlias, assert_never

import msgspec
from msgspec import Struct, structs

from services.validation.domain.payer_rule import pattern
from services.validation.domain.payer_rule.claim import Claim, ClaimCoverage, ClaimLine, ClaimProvider, OtherService
from services.validation.domain.payer_rule.condition import (
    Action,
    AddModifier,
    AllOf,
    AnyOf,
    Between,
    Case,
    Change,
    Comparison,
    Condition,
    DiagnosisFirst,
    Draft,
    Fix,
    Has,
    HasAll,
    HasOnly,
    IsFlag,
    Lines,
    Not,
    OnDays,
    PayerRule,
    Present,
    RemoveModifier,
    ReplaceModifier,
    ReplacePlace,
)
from services.validation.domain.payer_rule.field import FIELDS, OF_LINE, Field
from services.validation.domain.payer_rule.pattern import Form
from shared.kernel.errors import Malformed

DEPTH_MAX: Final = 10
RULE_BYTES_MAX: Final = 8_000
CASES_BYTES_MAX: Final = 64_000
TEXT_BYTES_MAX: Final = {"title": 120, "mend": 400, "citation": 200, "source": 200}
"""Most of them stand in every finding."""
_JSON_DEPTH_MAX: Final = 4 * DEPTH_MAX
WHY: Final[Mapping[str, str]] = {
    "missing": "this has to be given",
    "unknown-property": "it has a property that nobody asks for",
    "unknown-kind": "there is no such kind",
    "not-in-list": "it is none of the values that may stand here",
    "length": "it is too short, or too long",
    "form": "it does not have the form that it should: a day is written as 2026-01-31, a text is not blank",
    "out-of-range": "the number is too small, or too large",
    "wrong-type": "it is of another type than it should be",
    "too-deep": f"conditions stand in one another, {DEPTH_MAX} deep at most",
    "too-large": f"a rule has {RULE_BYTES_MAX:,} bytes at most, its cases {CASES_BYTES_MAX:,}",
    "unknown-field": "there is no such field: GET /v1/payer-rule-fields lists them",
    "field-of-line": "only a rule of lines, or a condition of kind lines, asks about a line",
    "wrong-comparison": "the field is not compared in this way",
    "empty": "there is nothing in it to compare with",
    "code-form": "a code of this kind looks different",
    "range-form": "a range is two codes, or beginnings of codes, of the same length",
    "reversed": "the first is after the last",
    "range-reversed": "the first code of the range is after the last",
    "never": "its conditions cannot hold together",
    "lines-in-lines": "lines are counted once, not for each line of a count",
    "needs-lines": "a change of a line is proposed by a rule that judges lines",
    "no-change": "it is the same before and after",
    "needs-found": "at least one case shows what the rule finds",
    "needs-nothing": "at least one case shows what it lets alone",
}


class Fault(NamedTuple):
    """What is wrong with a place of a draft. **Shape**: `pointer` as RFC 6901 has it; `code` is one of `WHY`."""

    pointer: str
    code: str


class PayerRuleMalformed(Malformed):
    """A rule of a payer makes no sense; `errors` says where, and why."""

    slug = "payer-rule-malformed"

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__("mend the places that `errors` points to")
        self.errors = tuple({"pointer": each.pointer, "code": each.code, "why": WHY[each.code]} for each in faults)


def draft_of(raw: Mapping[str, Any]) -> Draft:
    """Return the draft that is meant. **Shape**: `rule` and `cases`, as JSON. **Errors**: `PayerRuleMalformed`."""
    if _deeper_than(raw, _JSON_DEPTH_MAX):
        raise PayerRuleMalformed([Fault("/rule", "too-deep")])
    try:
        draft = msgspec.convert(raw, Draft)
    except msgspec.ValidationError as error:
        raise PayerRuleMalformed([_of_shape(str(error))]) from None
    parts = (("/rule", draft.rule, RULE_BYTES_MAX), ("/cases", draft.cases, CASES_BYTES_MAX))
    faults = [Fault(at, "too-large") for at, part, bytes_max in parts if len(msgspec.json.encode(part)) > bytes_max]
    if faults:
        raise PayerRuleMalformed(faults)  # before anything is counted or compared
    faults += _unknown(raw, draft, "")
    reading = _Reading(faults)
    draft = Draft(
        rule=reading.rule(draft.rule),
        cases=tuple(reading.case(each, f"/cases/{at}") for at, each in enumerate(draft.cases)),
    )
    expected = {case.expects for case in draft.cases}
    faults += (Fault("/cases", f"needs-{each}") for each in ("found", "nothing") if each not in expected)
    if faults:
        raise PayerRuleMalformed(faults)
    return draft


_AT: Final = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_STEP: Final = re.compile(r"\.(?P<name>\w+)|\[(?P<at>\d+)\]")
_REQUIRED: Final = re.compile(r"^Object missing required field `(?P<name>\w+)`")
_SHAPES: Final = (
    ("Invalid value", "unknown-kind"),
    ("Invalid enum value", "not-in-list"),
    ("Invalid RFC3339", "form"),
    ("matching regex", "form"),
    ("of length", "length"),
    ("` >= ", "out-of-range"),
    ("` <= ", "out-of-range"),
)


def _of_shape(message: str) -> Fault:
    """Return where and why msgspec refuses; its own words may repeat a value."""
    found = _AT.search(message)
    steps = _STEP.finditer(found["path"]) if found else ()
    pointer = "".join(f"/{step['name'] or step['at']}" for step in steps)
    if required := _REQUIRED.match(message):
        return Fault(f"{pointer}/{required['name']}", "missing")
    return Fault(pointer, next((code for words, code in _SHAPES if words in message), "wrong-type"))


def _deeper_than(raw: object, depth_max: int) -> bool:
    level: list[object] = [raw]
    for _ in range(depth_max):
        level = [each for part in level for each in _parts(part)]
        if not level:
            return False
    return True


def _parts(part: object) -> Iterable[object]:
    return part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ()


def _unknown(raw: object, made: object, pointer: str) -> Iterator[Fault]:
    """Yield each object of a text that has more in it than was understood."""
    if isinstance(made, Struct) and isinstance(raw, Mapping):
        known = {"kind", *made.__struct_fields__} if made.__struct_config__.tag else {*made.__struct_fields__}
        if set(raw) - known:
            yield Fault(pointer, "unknown-property")
        for name in made.__struct_fields__:
            if name in raw:
                yield from _unknown(raw[name], getattr(made, name), f"{pointer}/{name}")
    elif isinstance(made, tuple) and isinstance(raw, Sequence):
        for at, (given, each) in enumerate(zip(raw, made, strict=True)):
            yield from _unknown(given, each, f"{pointer}/{at}")


class _Reading:
    """One draft, part by part. **Shape**: adds to `faults`; what it returns is only of use where there are none."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults

    def _fault(self, pointer: str, code: str) -> None:
        self._faults.append(Fault(pointer, code))

    def rule(self, rule: PayerRule) -> PayerRule:
        self._in_order(rule.service_from_on, rule.service_to_on, "/rule/service_to_on")
        for name, bytes_max in TEXT_BYTES_MAX.items():
            if len(getattr(rule, name).encode()) > bytes_max:
                self._fault(f"/rule/{name}", "length")
        of_lines = rule.judges == "lines"
        return structs.replace(
            rule,
            payer_ids=self._all_codes(rule.payer_ids, pattern.PAYER, "/rule/payer_ids"),
            filing_indicators=self._all_codes(rule.filing_indicators, pattern.INDICATOR, "/rule/filing_indicators"),
            applies=None if rule.applies is None else self._condition(rule.applies, _Place("/rule/applies")),
            finds=self._condition(rule.finds, _Place("/rule/finds", of_line=of_lines)),
            action=self._action(rule.action, of_lines=of_lines),
        )

    def _condition(self, condition: Condition, place: "_Place") -> Condition:
        if place.depth == DEPTH_MAX:
            self._fault(place.pointer, "too-deep")
            return condition
        match condition:
            case AllOf(of=of) | AnyOf(of=of):
                return self._several(condition, of, place)
            case Not(of=inner):
                return Not(of=self._condition(inner, place.below("of")))
            case Lines():
                return self._lines(condition, place)
            case _:
                return self._comparison(condition, place)

    def _several(self, condition: AllOf | AnyOf, of: tuple[Condition, ...], place: "_Place") -> Condition:
        if not of:
            self._fault(f"{place.pointer}/of", "empty")
        read = tuple(self._condition(each, place.below(f"of/{at}")) for at, each in enumerate(of))
        if isinstance(condition, AllOf) and _never(read):
            self._fault(place.pointer, "never")
        return structs.replace(condition, of=read)

    def _lines(self, condition: Lines, place: "_Place") -> Condition:
        if place.of_count:
            self._fault(place.pointer, "lines-in-lines")
        self._in_order(condition.at_least, condition.at_most, f"{place.pointer}/at_most")
        inner = place.below("of")._replace(of_line=True, of_count=True)
        return structs.replace(condition, of=self._condition(condition.of, inner))

    def _comparison(self, condition: Comparison, place: "_Place") -> Condition:
        field = FIELDS.get(condition.field)
        if field is None:
            self._fault(f"{place.pointer}/field", "unknown-field")
            return condition
        if condition.field.startswith(OF_LINE) and not place.of_line:
            self._fault(f"{place.pointer}/field", "field-of-line")
        match condition:
            case Has(any_of=codes):
                return structs.replace(condition, any_of=self._patterns(codes, field, f"{place.pointer}/any_of"))
            case HasAll(all_of=codes):
                return structs.replace(condition, all_of=self._patterns(codes, field, f"{place.pointer}/all_of"))
            case HasOnly(only=codes):
                return structs.replace(condition, only=self._patterns(codes, field, f"{place.pointer}/only"))
            case Present():
                self._compared(field, "codes", place)
            case Between(at_least=first, at_most=last):
                self._compared(field, "number", place)
                self._bounds(first, last, place)
            case OnDays(from_on=first_on, to_on=last_on):
                self._compared(field, "day", place)
                self._bounds(first_on, last_on, place)
            case IsFlag():
                self._compared(field, "flag", place)
            case _:
                assert_never(condition)
        return condition

    def _compared(self, field: Field, kind: str, place: "_Place") -> None:
        if field.kind != kind:
            self._fault(f"{place.pointer}/kind", "wrong-comparison")

    def _bounds(self, first: int | date | None, last: int | date | None, place: "_Place") -> None:
        if first is None and last is None:
            self._fault(place.pointer, "empty")
        self._in_order(first, last, place.pointer)

    def _in_order(self, first: Any, last: Any, pointer: str) -> None:  # noqa: ANN401 (two numbers, or two days)
        if first is not None and last is not None and first > last:
            self._fault(pointer, "reversed")

    def _patterns(self, codes: tuple[str, ...], field: Field, pointer: str) -> tuple[str, ...]:
        if field.form is None:
            self._fault(f"{pointer.rpartition('/')[0]}/kind", "wrong-comparison")
            return codes
        if not codes:
            self._fault(pointer, "empty")
        form = field.form
        stored = tuple(form.stored(each) for each in codes)
        for at, each in enumerate(stored):
            if code := pattern.fault(each, form):
                self._fault(f"{pointer}/{at}", code)
        return stored

    def _code(self, code: str, form: Form, pointer: str) -> str:
        stored = form.stored(code)
        if not form.whole(stored):
            self._fault(pointer, "code-form")
        return stored

    def _all_codes(self, codes: tuple[str, ...], form: Form, pointer: str) -> tuple[str, ...]:
        return tuple(self._code(each, form, f"{pointer}/{at}") for at, each in enumerate(codes))

    def _action(self, action: Action, *, of_lines: bool) -> Action:
        return Fix(change=self._change(action.change, of_lines=of_lines)) if isinstance(action, Fix) else action

    def _change(self, change: Change, *, of_lines: bool) -> Change:
        at = "/rule/action/change"
        if isinstance(change, AddModifier | RemoveModifier | ReplaceModifier) and not of_lines:
            self._fault(at, "needs-lines")
        match change:
            case AddModifier(modifier=code) | RemoveModifier(modifier=code):
                return structs.replace(change, modifier=self._code(code, pattern.MODIFIER, f"{at}/modifier"))
            case ReplaceModifier(modifier=code, by=other):
                before = self._code(code, pattern.MODIFIER, f"{at}/modifier")
                after = self._code(other, pattern.MODIFIER, f"{at}/by")
                if before == after:
                    self._fault(at, "no-change")
                return ReplaceModifier(modifier=before, by=after)
            case ReplacePlace(by=code):
                return ReplacePlace(by=self._code(code, pattern.PLACE, f"{at}/by"))
            case DiagnosisFirst(any_of=codes):
                return DiagnosisFirst(any_of=self._patterns(codes, FIELDS["first_diagnosis"], f"{at}/any_of"))
            case _:
                assert_never(change)

    def case(self, case: Case, pointer: str) -> Case:
        claim, at = case.claim, f"{pointer}/claim"
        read = structs.replace(
            claim,
            diagnoses=self._all_codes(claim.diagnoses, pattern.DIAGNOSIS, f"{at}/diagnoses"),
            lines=tuple(self._line(each, n, f"{at}/lines/{n - 1}") for n, each in enumerate(claim.lines, 1)),
            coverages=tuple(self._coverage(each, f"{at}/coverages/{n}") for n, each in enumerate(claim.coverages)),
            same_day=tuple(self._other(each, f"{at}/same_day/{n}") for n, each in enumerate(claim.same_day)),
            **self._single(claim, at),
        )
        return structs.replace(case, claim=read)

    def _single(self, claim: Claim, pointer: str) -> dict[str, Any]:
        place, rendering, billing = claim.place_of_service, claim.rendering, claim.billing
        return {
            "place_of_service": place and self._code(place, pattern.PLACE, f"{pointer}/place_of_service"),
            "rendering": rendering and self._provider(rendering, f"{pointer}/rendering"),
            "billing": billing and self._provider(billing, f"{pointer}/billing"),
        }

    def _line(self, line: ClaimLine, line_no: int, pointer: str) -> ClaimLine:
        authorization = line.authorization
        self._in_order(line.service_from_on, line.service_to_on, f"{pointer}/service_to_on")
        return structs.replace(
            line,
            line_no=line_no,
            procedure=self._code(line.procedure, pattern.PROCEDURE, f"{pointer}/procedure"),
            modifiers=self._all_codes(line.modifiers, pattern.MODIFIER, f"{pointer}/modifiers"),
            authorization=authorization
            and self._code(authorization, pattern.AUTHORIZATION, f"{pointer}/authorization"),
        )

    def _coverage(self, coverage: ClaimCoverage, pointer: str) -> ClaimCoverage:
        return structs.replace(
            coverage,
            payer_id=self._code(coverage.payer_id, pattern.PAYER, f"{pointer}/payer_id"),
            filing_indicator=self._code(coverage.filing_indicator, pattern.INDICATOR, f"{pointer}/filing_indicator"),
        )

    def _provider(self, provider: ClaimProvider, pointer: str) -> ClaimProvider:
        taxonomy = provider.taxonomy
        return structs.replace(
            provider,
            npi=self._code(provider.npi, pattern.NPI, f"{pointer}/npi"),
            taxonomy=taxonomy and self._code(taxonomy, pattern.TAXONOMY, f"{pointer}/taxonomy"),
        )

    def _other(self, other: OtherService, pointer: str) -> OtherService:
        return structs.replace(other, procedure=self._code(other.procedure, pattern.PROCEDURE, f"{pointer}/procedure"))


class _Place(NamedTuple):
    """Where a condition stands. **Shape**: `of_line`: a line may be asked; `of_count`: within a count of lines."""

    pointer: str
    of_line: bool = False
    of_count: bool = False
    depth: int = 0

    def below(self, step: str) -> "_Place":
        return self._replace(pointer=f"{self.pointer}/{step}", depth=self.depth + 1)


def _never(conditions: Iterable[Condition]) -> bool:
    """Return whether some conditions on one field exclude one another: bounds that do not meet, or other codes."""
    numbers: dict[str, tuple[int, int]] = {}
    days: dict[str, tuple[date, date]] = {}
    codes: dict[str, frozenset[str]] = {}
    for each in conditions:
        match each:
            case Between(field=name, at_least=least, at_most=most):
                low, high = numbers.get(name, (_LEAST, _MOST))
                numbers[name] = (
                    max(low, _LEAST if least is None else least),
                    min(high, _MOST if most is None else most),
                )
            case OnDays(field=name, from_on=first, to_on=last):
                begin, end = days.get(name, (date.min, date.max))
                days[name] = (max(begin, first or date.min), min(end, last or date.max))
            case Has(field=name, any_of=given) if _named_one_by_one(name, given):
                codes[name] = codes.get(name, frozenset(given)) & frozenset(given)
            case _:
                pass
    apart = any(low > high for low, high in numbers.values()) or any(begin > end for begin, end in days.values())
    return apart or any(not each for each in codes.values())


_LEAST: Final = -1_000_000_000
_MOST: Final = 1_000_000_000
_Codes: TypeAlias = tuple[str, ...]


def _named_one_by_one(name: str, codes: _Codes) -> bool:
    field = FIELDS.get(name)
    return bool(codes) and field is not None and field.single and not any("*" in code or "-" in code for code in codes)
