"""Write docs/rules.md: every scrub rule with its dates, severity, owner and citation.

    .venv/bin/python tools/write_rules_doc.py

The page is generated from the rules themselves; `tests/contract/test_rules_doc.py` compares.
"""

import sys
from datetime import date
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a program, not a module: it finds the project itself

from services.validation.domain.rule import Rule
from services.validation.domain.rules import RULE_SET_VERSION, RULES

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "rules.md"
FOLDER: Final = "services/validation/domain/rules"
HEAD: Final = """\
# Scrub rules

Rule set {version}, {count} rules, in the order in which findings list them. Written by `tools/write_rules_doc.py` from
`{folder}`; do not edit.

A rule says pass, fail, not applicable, or no data. An **error** stops the claim: the codes are rejected and wait in a
work list of the owner. A **warning** goes along with the claim. **No data** (a table that is not loaded, a birth date
that was erased) never stops a claim, and never counts as a pass. Where a rule has several severities, its sentence
says which is which; the column names the highest. Dates are dates of service, both ends included.

| rule | what holds | severity | owner | dates of service |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the page."""
    head = HEAD.format(version=RULE_SET_VERSION, count=len(RULES), folder=FOLDER)
    rows = "".join(
        f"| [{rule.id}](#{rule.id}) | {rule.about} | {rule.severity} | {rule.owner} | {_days(rule)} |\n"
        for rule in RULES
    )
    return head + rows + "".join(_section(rule) for rule in RULES)


def _section(rule: Rule) -> str:
    return (
        f"\n## {rule.id}\n\n{rule.about}\n\n"
        f"- Version {rule.version}, [{rule.authority}/{rule.id}.py](../{FOLDER}/{rule.authority}/{rule.id}.py)\n"
        f"- Citation: {rule.citation}\n"
        f"- Source: {rule.source}\n"
        f"- Mend ({rule.owner}): {rule.mend}\n"
        f"- Override: {'by a person, with a reason' if rule.overridable else 'none, no payer could read the claim'}\n"
    )


def _days(rule: Rule) -> str:
    if rule.effective_from == date.min and rule.effective_to == date.max:
        return "all"
    first = "" if rule.effective_from == date.min else f"from {rule.effective_from}"
    last = "" if rule.effective_to == date.max else f"to {rule.effective_to}"
    return f"{first} {last}".strip()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(RULES)} rules")
