"""Scrubs per second: every rule over the encounters of the sample practice, from facts to findings, without I/O.

`python -m bench.scrub`. Every table that ships is loaded, and 2.5 million pair edits beside them. The baseline is
looking the codes up and judging nothing. Once more with 50 rules of payers in force, of which every one looks at every
claim. **Units**: seconds of CPU; the 99th percentile is of single scrubs.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from time import process_time
from typing import Any, Final, Literal

from bench import pair_edits
from bench.codesets import TABLE
from bench.figures import Figure, reported
from bench.practice import Practice
from services.validation.domain.facts import Codes, Coverage, Encounter, Facts, Patient, Payer, Provider
from services.validation.domain.payer_rule.condition import (
    AllOf,
    Between,
    Condition,
    Draft,
    Has,
    Hold,
    Lines,
    Not,
    PayerRule,
)
from services.validation.domain.payer_rule.draft import Drafted
from services.validation.domain.payer_rule.in_force import (
    PAYER_RULE_SETS,
    ActivateRule,
    PayerJudges,
    PayerRules,
    judges_of,
)
from services.validation.domain.scrub import findings_of
from services.validation.domain.subject import ScrubSubject, subject_of
from services.validation.main import tables_in
from shared.codesets.ncci_ptp import PRACTITIONER
from shared.events.coding import CodedLine
from shared.events.envelope import Actor
from shared.events.validation import Finding

_SECONDS: Final = 2.0
_ROUNDS: Final = 10
_PAYER_RULES: Final = 50
_PAIRS_SINCE: Final = date(2015, 10, 1)
_NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)


def measure() -> dict[str, Figure]:
    """Return the figure."""
    starters = tables_in(TABLE.parent)
    edits = PRACTITIONER.read(pair_edits.table(since=_PAIRS_SINCE).table)
    tables = starters.over(starters.library.with_table(PRACTITIONER, edits))
    practice = asyncio.run(Practice.read(seed=7))
    facts = [_facts(request.body) for request in practice.of["encounters"]]
    scrubs = _per_second(lambda each: findings_of(subject_of(each, tables, _NOW)), facts)
    looks = _per_second(lambda each: subject_of(each, tables, _NOW), facts)
    judges = _payer_judges()
    of_payers = _per_second(lambda each: _with_rules_of_payers(subject_of(each, tables, _NOW), judges), facts)
    slow = _slow(lambda each: findings_of(subject_of(each, tables, _NOW)), facts)
    return {
        "scrubs": Figure(value=scrubs, unit="scrubs/s", baseline=looks, beside="looking up alone"),
        "scrubs_with_payer_rules": Figure(
            value=of_payers, unit="scrubs/s", baseline=scrubs, beside="without rules of payers"
        ),
        "scrub_p99": Figure(value=slow * 1_000, unit="ms", baseline=1_000 / scrubs, beside="the mean of them"),
    }


def _with_rules_of_payers(subject: ScrubSubject, judges: PayerJudges) -> tuple[Finding, ...]:
    return (*findings_of(subject), *judges.findings(subject))


def _payer_judges() -> PayerJudges:
    """Return rules of payers in force: every second one asks about the claim, the others about each line."""
    rules = PayerRules()
    for n in range(_PAYER_RULES):
        drafted = Drafted(rule_id=f"payer-{n:02}", version=1, draft=_draft(n), drafted_by="biller", drafted_at=_NOW)
        activate = ActivateRule(
            drafted=drafted, mode="advisory", in_force_from=None, actor=Actor(kind="human", id="biller"), now=_NOW
        )
        for event in PAYER_RULE_SETS.decide(rules, activate):
            rules = PAYER_RULE_SETS.evolve(rules, event)
    return judges_of(rules, _NOW)


def _draft(n: int) -> Draft:
    code = f"992{n:02}"
    of_line: Condition = AllOf(
        of=(
            Has(field="line.procedure", any_of=(code, f"G0{n:02}*")),
            Not(of=Has(field="line.modifiers", any_of=("25", "57"))),
            Has(field="line.diagnoses", any_of=("E10-E14", "I1*")),
        )
    )
    of_claim: Condition = AllOf(
        of=(
            Has(field="diagnoses", any_of=(f"M{n:02}*", "Z00-Z13")),
            Between(field="age_years", at_least=65),
            Lines(of=Has(field="line.procedure", any_of=(code,))),
        )
    )
    rule = PayerRule(
        title="Example",
        mend="Example.",
        citation="Example",
        owner="coder",
        judges="lines" if n % 2 else "claim",
        payer_ids=("y",),
        finds=of_line if n % 2 else of_claim,
        action=Hold(),
    )
    return Draft(rule=rule, cases=())


def _slow(take: Callable[[Facts], object], facts: list[Facts]) -> float:
    """Return the seconds that 99 of 100 scrubs take at most."""
    took = []
    for each in facts * _ROUNDS:
        begun = process_time()
        take(each)
        took.append(process_time() - begun)
    return sorted(took)[len(took) * 99 // 100]


def _per_second(take: Callable[[Facts], object], facts: list[Facts]) -> float:
    count, begun = 0, process_time()
    while process_time() - begun < _SECONDS:
        for each in facts:
            take(each)
        count += len(facts)
    return count / (process_time() - begun)


def _facts(visit: Mapping[str, Any]) -> Facts:
    """Return a visit of the sample practice as validation would have it."""
    on = date.fromisoformat(visit["service_from_on"])
    lines = tuple(
        CodedLine(
            line_no=n,
            procedure_code=procedure["codes"][0]["code"] if procedure["codes"] else "99213",
            modifiers=tuple(procedure["modifiers"]),
            units=procedure["units"],
            pointers=tuple(procedure["pointers"]) or (1,),
            service_from_on=on,
            service_to_on=on,
        )
        for n, procedure in enumerate(visit["procedures"], start=1)
    )
    diagnoses = tuple(each["codes"][0]["code"].replace(".", "") for each in visit["conditions"] if each["codes"])
    return Facts(
        codes=Codes(
            encounter_id="e", patient_id="p", coding_version=1, diagnoses=diagnoses, lines=lines, assigned_at=_NOW
        ),
        encounter=Encounter(
            encounter_id="e",
            patient_id="p",
            service_from_on=on,
            service_to_on=on,
            place_of_service=visit["place_of_service"],
            rendering_provider_id="r",
            billing_provider_id="b",
            coverage_ids=("c",),
        ),
        patient=Patient(patient_id="p", birth_on=date(1980, 5, 17), sex="female", has_address=True),
        coverages=(
            Coverage(
                coverage_id="c",
                patient_id="p",
                payer_id="y",
                filing_order="primary",
                effective_from_on=date(2025, 1, 1),
                effective_to_on=None,
                of_group=False,
                medicare_number=False,
            ),
        ),
        payers=(
            Payer(
                payer_id="y",
                claim_filing_indicator="CI",
                filing_limit_days=365,
                filing_limit_months=None,
                zone="America/New_York",
            ),
        ),
        rendering=_provider("person", "1999999216"),
        billing=_provider("organization", "1999999109"),
    )


def _provider(kind: Literal["person", "organization"], npi: str) -> Provider:
    return Provider(
        provider_id=kind, kind=kind, npi=npi, taxonomy=None, has_given_name=True, has_tax_id=True, zip_digits=9
    )


if __name__ == "__main__":
    reported("Scrub", measure())
