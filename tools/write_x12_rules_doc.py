"""Write docs/x12-rules.md: every rule that X12 files are checked by, level by level.

    .venv/bin/python tools/write_x12_rules_doc.py

The page is generated from the rules themselves; `tests/contract/test_x12_rules_doc.py` compares.
"""

import sys
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a program, not a module: it finds the project itself

from shared.x12.checks import RULES, Rule

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "x12-rules.md"
LEVELS: Final = {1: "envelope and syntax", 2: "guide", 3: "sums", 4: "situations", 5: "code sets", 7: "duplicates"}
REJECTIONS: Final = (
    ("amounts", "no charge", "2-element-missing"),
    ("amounts", "a charge of zero on a claim for payment", "4-no-charge"),
    ("amounts", "the charge is not the sum of the lines", "3-charge"),
    ("amounts", "a negative charge", "4-negative"),
    ("amounts", "no units, or less", "4-units"),
    ("identifiers", "a claim number that is too long", "4-claim-number 4-claim-number-long"),
    ("identifiers", "a reserved character in a number", "4-reserved"),
    ("identifiers", "a line number that is too long, or comes twice", "1-too-long 4-line-number-twice"),
    ("identifiers", "two claims with one number", "7-claim-number"),
    ("frequency", "none that the guide has", "4-frequency 5-bill-type"),
    ("frequency", "7 or 8 without the payer's number, or 1 with it", "4-original-number-missing 4-original-number"),
    ("frequency", "still a patient, and the bill is final", "4-patient-status"),
    ("address", "a ZIP without nine digits", "4-zip 4-zip-form"),
    ("address", "a box instead of a street", "4-po-box"),
    ("address", "no such state", "5-state"),
    ("provider", "an NPI with a wrong digit, or that nobody has", "5-npi 5-provider"),
    ("provider", "a group at an office, and nobody who rendered", "4-rendering"),
    ("provider", "a tax id without nine digits", "4-tax-id"),
    ("provider", "no such taxonomy", "5-taxonomy-form 5-taxonomy"),
    ("provider", "a telephone without ten digits", "4-phone"),
    ("member", "a payer that the receiver does not know", "5-payer"),
    ("member", "id, name or birth date cannot be", "4-member 4-name-form 4-birth 4-self"),
    ("diagnoses", "one comes twice", "4-diagnosis-twice"),
    ("diagnoses", "a line points beyond them", "4-pointer"),
    ("diagnoses", "none on the day of service", "5-diagnosis-form 5-diagnosis"),
    ("other payers", "two with one place in the order, or one id", "4-payer-order-twice 4-payer-twice"),
    ("other payers", "a later payer, and the earlier is not shown", "4-no-other-payer"),
    ("other payers", "sums that do not hold", "3-other-payer-line 3-other-payer-claim 4-negative-paid"),
    ("other payers", "the day of the decision missing, or twice", "4-decided-on-missing 4-decided-on-twice"),
    ("other payers", "what is left to pay at claim and line", "4-remaining-twice"),
    ("other payers", "a reason without an amount", "1-paired"),
    ("institutional", "patient status 00", "4-patient-status"),
    ("institutional", "an interim bill with a discharge hour", "4-discharge-hour"),
    ("institutional", "an occurrence code that comes twice", "4-code-twice"),
    ("institutional", "no HIPPS code", "4-hipps"),
    ("institutional", "CL1 or the principal diagnosis missing", "2-segment-missing"),
    ("general", "a character that X12 cannot carry", "1-character"),
    ("general", "a day that is still to come", "1-future 4-future 4-birth"),
    ("general", "an interchange that comes twice", "7-interchange-number"),
    ("general", "several kinds of groups in one interchange", "1-group-kinds"),
    ("general", "more than 5,000 claims in a set", "4-set-size"),
)
"""What clearinghouses refuse, and the rules that find it."""
HEAD: Final = """\
# X12 rules

{count} rules that `claimlog x12 check` goes by. Written by `tools/write_x12_rules_doc.py` from
`shared/x12/checks/rules.py`; do not edit.

An id begins with its SNIP level. A receiver refuses a file over an **error**, and may let a **warning** pass. A finding
names the place, and never a value of the file. [x12.md](x12.md) says where each level is looked after.
"""
REFUSED: Final = """
## What clearinghouses refuse

From the edits that clearinghouses and payers publish.

| of | what | rules |
|---|---|---|
"""


def page() -> str:
    """Return the page."""
    rows = (f"| {area} | {what} | {_ids(rules)} |\n" for area, what, rules in REJECTIONS)
    return HEAD.format(count=len(RULES)) + "".join(map(_section, LEVELS)) + REFUSED + "".join(rows)


def _ids(rules: str) -> str:
    return ", ".join(f"`{rule}`" for rule in rules.split())


def _section(level: int) -> str:
    rows = "".join(_row(rule) for rule in RULES.values() if rule.level == level)
    columns = "| rule | | what is wrong | what to do | source |\n|---|---|---|---|---|\n"
    return f"\n## Level {level}: {LEVELS[level]}\n\n{columns}{rows}"


def _row(rule: Rule) -> str:
    return f"| `{rule.id}` | {rule.severity} | {rule.wrong} | {rule.mend} | {rule.source} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(RULES)} rules")
