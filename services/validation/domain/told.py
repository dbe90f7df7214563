"""How much of what the program's rules find an outcome tells: it is one fact, whose size has a limit.

Most claims come nowhere near. Where a claim does, each rule tells its first findings one by one and the rest together:
what stops a claim stops it there too, and a table that is missing is still named, so that its arrival scrubs again.
Refuses: opinions; those are `rules/`. Next: `payer_rule/in_force.py` does the same for rules of payers.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from msgspec import structs

from shared.events.validation import Finding

FINDINGS_MAX: Final = 80
"""What is told one by one; what is told together comes to that, one or two findings of a rule."""
INPUTS_MAX: Final = 12
"""So many inputs are told without a look at their length."""
INPUTS_CHARACTERS_MAX: Final = 600


def told(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings as an outcome tells them. **Shape**: by rule, as the rules found them."""
    if len(findings) <= FINDINGS_MAX:
        return tuple(findings)
    by_rule = [tuple(each) for _, each in groupby(findings, key=lambda finding: finding.rule_id)]
    share = _share([len(each) for each in by_rule])
    return tuple(finding for each in by_rule for finding in _first_and_rest(each, share))


def told_inputs(inputs: tuple[str, ...]) -> tuple[str, ...]:
    """Return inputs as a finding tells them: the first ones, how many more there are, and the last, which says why."""
    if len(inputs) <= INPUTS_MAX:
        return inputs
    length, kept = 0, 0
    while kept < len(inputs) and (length := length + len(inputs[kept])) <= INPUTS_CHARACTERS_MAX:
        kept += 1
    left = len(inputs) - kept - 1
    return (*inputs[:kept], f"and {left} more", inputs[-1]) if left > 0 else inputs


def _share(counts: Sequence[int]) -> int:
    """Return how many findings of each rule are told; what few leave over, others have."""
    fitting = (
        share for share in range(FINDINGS_MAX, 1, -1) if sum(min(count, share) for count in counts) <= FINDINGS_MAX
    )
    return next(fitting, 1)


def _first_and_rest(findings: Sequence[Finding], share: int) -> Iterator[Finding]:
    """Yield the first findings of a rule, and one of each kind of the rest: failures, or what a table lacks."""
    first = len(findings) if len(findings) <= share else share - 1
    yield from findings[:first]
    kinds: dict[tuple[str, str | None], list[Finding]] = {}
    for finding in findings[first:]:
        kinds.setdefault((finding.outcome, finding.missing_table), []).append(finding)
    for rest in kinds.values():
        yield rest[0] if len(rest) == 1 else _together(rest)


def _together(findings: Sequence[Finding]) -> Finding:
    """Return findings as one that stops where one of them does, and names the places of all."""
    worst = next((each for each in findings if each.severity == "error"), findings[0])
    places = dict.fromkeys(each.field if each.line_no is None else f"line {each.line_no}" for each in findings)
    return structs.replace(
        worst, line_no=None, field=worst.field.partition("/")[0], inputs=told_inputs(tuple(places)), edition=None
    )
