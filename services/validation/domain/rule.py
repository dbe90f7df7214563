"""The shape of a scrub rule: one value per file of `rules/`, and what it can say.

A rule is a pure function over a `ScrubSubject` with its provenance. It yields what is wrong, or that it cannot judge;
yielding nothing is a pass. A rule that does not apply, or is out of its dates, is not asked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, TypeAlias

from services.validation.domain.subject import ScrubSubject
from services.validation.domain.told import told_inputs
from shared.codesets.edition import TableNotLoaded
from shared.events.validation import Finding

Severity: TypeAlias = Literal["error", "warning"]
Owner: TypeAlias = Literal["coder", "biller", "front-desk"]


class Outcome(StrEnum):
    """What a rule says of a subject as a whole; only the middle two leave findings."""

    PASS = "pass"  # noqa: S105 (what a rule says, not a password)
    FAIL = "fail"
    NO_DATA = "no-data"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something breaks the rule. **Shape**: `inputs` are codes and dates, nothing personal; None: as the rule says."""

    field: str
    inputs: tuple[str, ...]
    line_no: int | None = None
    edition: str | None = None
    severity: Severity | None = None
    mend: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoData:
    """The rule cannot judge something, because a table or a value is missing: no stop, and no pass.

    **Shape**: `missing_table` is the code set whose table could not say, None where a value is missing.
    """

    field: str
    inputs: tuple[str, ...]
    line_no: int | None = None
    edition: str | None = None
    mend: str
    missing_table: str | None = None


Result: TypeAlias = Failure | NoData


def _always(_subject: ScrubSubject) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    **Shape**: `id` is the name of its file; `version` counts up when an outcome changes; `citation` names the text,
    `source` where it can be read; `effective_from` and `effective_to` are dates of service, both belong to it. Not
    `overridable`: no payer could read a claim that breaks it, so that nobody may let it pass.
    """

    id: str
    version: int
    about: str
    citation: str
    source: str
    effective_from: date = date.min
    effective_to: date = date.max
    severity: Severity
    owner: Owner
    mend: str
    check: Callable[[ScrubSubject], Iterable[Result]]
    applies: Callable[[ScrubSubject], bool] = _always
    overridable: bool = True

    @property
    def title(self) -> str:
        """Return the id in words."""
        return self.id.replace("_", " ")

    @property
    def authority(self) -> str:
        """Return who made the rule: the folder of its file."""
        return self.check.__module__.rsplit(".", 2)[-2]

    def findings(self, subject: ScrubSubject) -> list[Finding]:
        """Return what the rule finds, in its order; nothing where it passes or does not apply."""
        if not (self.effective_from <= subject.service_on <= self.effective_to and self.applies(subject)):
            return []
        return [self._finding(result) for result in self.check(subject)]

    def outcome(self, subject: ScrubSubject) -> Outcome:
        """Return what the rule says as a whole: a failure outweighs a gap."""
        if not (self.effective_from <= subject.service_on <= self.effective_to and self.applies(subject)):
            return Outcome.NOT_APPLICABLE
        outcomes = {finding.outcome for finding in self.findings(subject)}
        if not outcomes:
            return Outcome.PASS
        return Outcome.FAIL if "fail" in outcomes else Outcome.NO_DATA

    def _finding(self, result: Result) -> Finding:
        failed = isinstance(result, Failure)
        return Finding(
            rule_id=self.id,
            rule_version=self.version,
            outcome="fail" if failed else "no-data",
            severity=(result.severity or self.severity) if isinstance(result, Failure) else "warning",
            line_no=result.line_no,
            field=result.field,
            inputs=told_inputs(result.inputs),
            edition=result.edition,
            citation=self.citation,
            owner=self.owner,
            mend=result.mend or self.mend,
            missing_table=None if isinstance(result, Failure) else result.missing_table,
        )


def not_loaded(answer: TableNotLoaded, *, field: str, inputs: tuple[str, ...], line_no: int | None = None) -> NoData:
    """Return that a table cannot judge a code, with the reason as the last input."""
    return NoData(
        field=field,
        inputs=(*inputs, f"{answer.system}: {answer.why}"),
        line_no=line_no,
        edition=None if answer.edition is None else answer.edition.name,
        mend="Load the edition that covers the date of service, or judge by hand.",
        missing_table=answer.system,
    )
