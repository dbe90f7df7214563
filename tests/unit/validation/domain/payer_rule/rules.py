"""A synthetic rule of a payer with its cases, as a user would send it; tests change one thing."""

from copy import deepcopy
from datetime import date
from typing import Any, Final

from services.validation.domain.payer_rule.claim import Claim, ClaimCoverage, ClaimLine
from services.validation.domain.payer_rule.condition import Draft
from services.validation.domain.payer_rule.reading import draft_of

RULE_ID: Final = "payer-visit-with-vaccine"
COVERED: Final = {"payer_id": "PY-1", "filing_indicator": "CI"}
BESIDE: Final = {"procedure": "90471"}
RAW: Final[dict[str, Any]] = {
    "rule": {
        "title": "A visit beside a vaccination has modifier 25",
        "mend": "Add modifier 25 where the visit was a service of its own.",
        "citation": "Example Health Plan, provider manual 2026, section 4.2",
        "owner": "coder",
        "judges": "lines",
        "payer_ids": ["PY-1"],
        "applies": {"kind": "has", "field": "procedures", "any_of": ["90460-90474"]},
        "finds": {
            "kind": "all",
            "of": [
                {"kind": "has", "field": "line.procedure", "any_of": ["99202-99215"]},
                {"kind": "not", "of": {"kind": "has", "field": "line.modifiers", "any_of": ["25"]}},
            ],
        },
        "action": {"kind": "fix", "change": {"kind": "add-modifier", "modifier": "25"}},
    },
    "cases": [
        {
            "name": "a visit and a vaccination",
            "expects": "found",
            "claim": {
                "service_on": "2026-03-03",
                "lines": [{"procedure": "99213"}, BESIDE],
                "coverages": [{**COVERED}],
            },
        },
        {
            "name": "a visit of its own",
            "expects": "nothing",
            "claim": {
                "service_on": "2026-03-03",
                "lines": [{"procedure": "99213", "modifiers": ["25"]}, BESIDE],
                "coverages": [{**COVERED}],
            },
        },
    ],
}
CLAIM: Final = Claim(
    service_on=date(2026, 3, 3),
    diagnoses=("E119", "I10"),
    lines=(ClaimLine(line_no=1, procedure="99213"), ClaimLine(line_no=2, procedure="90471", pointers=(2,))),
    place_of_service="11",
    coverages=(ClaimCoverage(payer_id="PY-1"),),
)


def raw(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (any field of a rule)
    """Return the rule and its cases with some fields of the rule changed."""
    whole = deepcopy(RAW)
    whole["rule"] |= changes
    return whole


def draft(**changes: Any) -> Draft:  # noqa: ANN401 (any field of a rule)
    """Return the draft that it makes."""
    return draft_of(raw(**changes))
