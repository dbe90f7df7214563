"""What a rule of a payer says of a claim: its conditions as functions, and findings as those of built-in rules.

Owns: three answers (holds, does not, nobody knows) and how they combine: "all" does not hold where one part does not,
whatever is not known; otherwise what is not known decides nothing. Refuses: which rules judge (`in_force.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, TypeAlias, assert_never, cast

from msgspec import structs

from services.validation.domain.payer_rule.claim import LINES_MAX, Claim, ClaimLine
from services.validation.domain.payer_rule.condition import (
    AddModifier,
    AllOf,
    AnyOf,
    Between,
    Case,
    Condition,
    DiagnosisFirst,
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
    Warn,
)
from services.validation.domain.payer_rule.field import FIELDS, OF_LINE, Read
from services.validation.domain.payer_rule.pattern import DIAGNOSIS, matcher
from shared.events.validation import Finding, ProposedChange

Truth: TypeAlias = bool | None
"""Whether something holds; None where nobody knows."""
Test: TypeAlias = Callable[[Claim, ClaimLine], Truth]
Mode: TypeAlias = Literal["advisory", "enforcing"]
INPUTS_MAX: Final = 12
_NO_LINE: Final = ClaimLine(procedure="-")
"""Stands where a condition asks about the claim alone."""
_WHOLE: Final = (_NO_LINE,)


def truth_of(condition: Condition) -> Test:  # noqa: PLR0911 (one for each kind of condition)
    """Return a condition as a function."""
    match condition:
        case AllOf(of=of):
            return _all(tuple(map(truth_of, of)))
        case AnyOf(of=of):
            return _any(tuple(map(truth_of, of)))
        case Not(of=inner):
            return _not(truth_of(inner))
        case Lines():
            return _lines(condition, truth_of(condition.of))
        case Has() | HasAll() | HasOnly() | Present():
            return _of_codes(condition)
        case Between(at_least=first, at_most=last):
            return _within(FIELDS[condition.field].read, first, last)
        case OnDays(from_on=first_on, to_on=last_on):
            return _within(FIELDS[condition.field].read, first_on, last_on)
        case IsFlag(value=value):
            return _is(FIELDS[condition.field].read, value=value)
        case _:
            assert_never(condition)


def _all(parts: Sequence[Test]) -> Test:
    def holds(claim: Claim, line: ClaimLine) -> Truth:
        known = True
        for part in parts:
            found = part(claim, line)
            if found is False:
                return False
            if found is None:
                known = False
        return True if known else None

    return holds


def _any(parts: Sequence[Test]) -> Test:
    def holds(claim: Claim, line: ClaimLine) -> Truth:
        known = True
        for part in parts:
            found = part(claim, line)
            if found:
                return True
            if found is None:
                known = False
        return False if known else None

    return holds


def _not(part: Test) -> Test:
    def holds(claim: Claim, line: ClaimLine) -> Truth:
        found = part(claim, line)
        return None if found is None else not found

    return holds


def _lines(condition: Lines, part: Test) -> Test:
    at_most = condition.at_most
    at_least = condition.at_least if condition.at_least is not None else 1 if at_most is None else 0

    def holds(claim: Claim, _: ClaimLine) -> Truth:
        found = [part(claim, line) for line in claim.lines]
        certain, possible = found.count(True), len(found) - found.count(False)
        if possible < at_least or (at_most is not None and certain > at_most):
            return False
        return True if certain >= at_least and (at_most is None or possible <= at_most) else None

    return holds


def _of_codes(condition: Has | HasAll | HasOnly | Present) -> Test:
    field = FIELDS[condition.field]
    if field.form is None:
        raise TypeError("a draft that was read compares codes of fields that have them")
    form, read = field.form, cast("Callable[[Claim, ClaimLine], tuple[str, ...] | None]", field.read)
    match condition:
        case Has(any_of=patterns):
            means: Callable[[tuple[str, ...]], bool] = matcher(patterns, form)
        case HasAll(all_of=patterns):
            means = _each_met([matcher((each,), form) for each in patterns])
        case HasOnly(only=patterns):
            means = _all_meant(matcher(patterns, form))
        case Present():
            means = bool
        case _:
            assert_never(condition)

    def holds(claim: Claim, line: ClaimLine) -> Truth:
        codes = read(claim, line)
        return None if codes is None else means(codes)

    return holds


def _each_met(wanted: Sequence[Callable[[tuple[str, ...]], bool]]) -> Callable[[tuple[str, ...]], bool]:
    return lambda codes: all(each(codes) for each in wanted)


def _all_meant(means: Callable[[tuple[str, ...]], bool]) -> Callable[[tuple[str, ...]], bool]:
    return lambda codes: bool(codes) and all(means((code,)) for code in codes)


def _within(read: Read, first: int | date | None, last: int | date | None) -> Test:
    def holds(claim: Claim, line: ClaimLine) -> Truth:
        value: Any = read(claim, line)
        if value is None:
            return None
        return (first is None or value >= first) and (last is None or value <= last)

    return holds


def _is(read: Read, *, value: bool) -> Test:
    def holds(claim: Claim, line: ClaimLine) -> Truth:
        found = read(claim, line)
        return None if found is None else found is value

    return holds


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """A version of a rule, made ready once and asked for many claims."""

    rule_id: str
    version: int
    rule: PayerRule
    applies: Test | None
    finds: Test
    field: str
    shown: tuple[Read, ...]

    @classmethod
    def of(cls, rule_id: str, version: int, rule: PayerRule) -> "Judge":
        """Return a version made ready."""
        names = tuple(dict.fromkeys(_named(rule.finds)))
        return cls(
            rule_id,
            version,
            rule,
            None if rule.applies is None else truth_of(rule.applies),
            truth_of(rule.finds),
            _field(rule, names),
            tuple(FIELDS[name].read for name in names if FIELDS[name].shown),
        )

    def findings(self, claim: Claim, mode: Mode = "enforcing", findings_max: int = LINES_MAX) -> list[Finding]:
        """Return what the rule finds.

        **Shape**: `advisory`: nothing of it stops a claim. Where more lines are found than may be told one by one, the
        last finding names the rest of them.
        """
        if not self._is_about(claim):
            return []
        applies = True if self.applies is None else self.applies(claim, _NO_LINE)
        if applies is False:
            return []
        lines = claim.lines if self.rule.judges == "lines" else _WHOLE
        found = [(line, holds) for line in lines if (holds := self.finds(claim, line)) is not False]
        told = found if len(found) <= findings_max else found[: findings_max - 1]
        findings = [self._finding(claim, line, mode, known=bool(applies and holds)) for line, holds in told]
        if rest := found[len(told) :]:
            known = bool(applies and any(holds for _, holds in rest))
            together = self._finding(claim, _NO_LINE, mode, known=known)
            lines_found = tuple(f"line {line.line_no}" for line, _ in rest)
            findings.append(structs.replace(together, inputs=lines_found, proposed=None))
        return findings

    def _is_about(self, claim: Claim) -> bool:
        rule, on = self.rule, claim.service_on
        first_on, last_on = rule.service_from_on, rule.service_to_on
        if (first_on is not None and on < first_on) or (last_on is not None and on > last_on):
            return False
        if not rule.payer_ids and not rule.filing_indicators:
            return True
        if not claim.coverages:
            return False
        first = claim.coverages[0]
        return first.payer_id in rule.payer_ids or first.filing_indicator in rule.filing_indicators

    def _finding(self, claim: Claim, line: ClaimLine, mode: Mode, *, known: bool) -> Finding:
        stops = known and mode == "enforcing" and not isinstance(self.rule.action, Warn)
        return Finding(
            rule_id=self.rule_id,
            rule_version=self.version,
            outcome="fail" if known else "no-data",
            severity="error" if stops else "warning",
            line_no=None if line is _NO_LINE else line.line_no,
            field=self.field,
            inputs=self._inputs(claim, line),
            edition=None,
            citation=self.rule.citation,
            owner=self.rule.owner,
            mend=self.rule.mend if known else _NOT_KNOWN,
            proposed=self._proposed(claim, line) if known else None,
        )

    def _inputs(self, claim: Claim, line: ClaimLine) -> tuple[str, ...]:
        read = (cast("tuple[str, ...]", each(claim, line)) for each in self.shown)
        return tuple(dict.fromkeys(code for codes in read for code in codes))[:INPUTS_MAX]

    def _proposed(self, claim: Claim, line: ClaimLine) -> ProposedChange | None:
        action = self.rule.action
        if not isinstance(action, Fix):
            return None
        match action.change:
            case AddModifier(modifier=code):
                return None if code in line.modifiers else _of_line(line, "add", code)
            case RemoveModifier(modifier=code):
                return _of_line(line, "remove", None, code) if code in line.modifiers else None
            case ReplaceModifier(modifier=code, by=by):
                return _of_line(line, "replace", by, code) if code in line.modifiers else None
            case ReplacePlace(by=by):
                place = claim.place_of_service
                return None if place == by else ProposedChange("replace", "place_of_service", None, by, place)
            case DiagnosisFirst(any_of=patterns):
                return _put_first(claim, patterns)
            case _:
                assert_never(action.change)


_NOT_KNOWN: Final = "Judge by hand: the rule asks for something that is not known of this claim."


def _of_line(
    line: ClaimLine, change: Literal["add", "remove", "replace"], value: str | None, instead_of: str | None = None
) -> ProposedChange:
    return ProposedChange(change, "modifiers", line.line_no, value, instead_of)


def _put_first(claim: Claim, patterns: tuple[str, ...]) -> ProposedChange | None:
    means = matcher(patterns, DIAGNOSIS)
    first = next((code for code in claim.diagnoses if means((code,))), None)
    if first is None or first == claim.diagnoses[0]:
        return None
    return ProposedChange("move-first", "diagnoses", None, first, claim.diagnoses[0])


def _named(condition: Condition) -> Iterator[str]:
    """Yield the fields that a condition asks about, in its order."""
    match condition:
        case AllOf(of=of) | AnyOf(of=of):
            for each in of:
                yield from _named(each)
        case Not(of=inner) | Lines(of=inner):
            # a line that is counted is none of those that a finding is about, so what it asks is not shown
            yield from (name for name in _named(inner) if isinstance(condition, Not) or not name.startswith(OF_LINE))
        case _:
            yield condition.field


def _field(rule: PayerRule, names: Sequence[str]) -> str:
    """Return what a finding is about: what it proposes to change, else what the rule asks about first."""
    if isinstance(rule.action, Fix):
        match rule.action.change:
            case AddModifier() | RemoveModifier() | ReplaceModifier():
                return "modifiers"
            case ReplacePlace():
                return "place_of_service"
            case DiagnosisFirst():
                return "diagnoses"
            case _:
                assert_never(rule.action.change)
    return names[0].removeprefix(OF_LINE) if names else "lines"


Said: TypeAlias = Literal["found", "nothing", "no-data"]


def outcome_of(judge: Judge, claim: Claim) -> Said:
    """Return what a rule says of a claim as a whole, as its cases expect it: a failure outweighs a gap."""
    outcomes = {finding.outcome for finding in judge.findings(claim)}
    return "found" if "fail" in outcomes else "no-data" if outcomes else "nothing"


def unlike(rule: PayerRule, cases: Sequence[Case]) -> dict[int, Said]:
    """Return what a rule says of the cases that expect something else, by their places."""
    judge = Judge.of("payer-case", 1, rule)
    says = {at: outcome_of(judge, case.claim) for at, case in enumerate(cases)}
    return {at: said for at, said in says.items() if said != cases[at].expects}
