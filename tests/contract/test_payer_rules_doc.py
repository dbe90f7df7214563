"""docs/payer-rules.md says what the language says, and its example is one that is kept."""

import re
from pathlib import Path

from msgspec import json

from services.validation.domain.payer_rule.field import FIELDS
from services.validation.domain.payer_rule.judging import Judge, unlike
from services.validation.domain.payer_rule.reading import draft_of

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "payer-rules.md").read_text(encoding="utf-8")


def test_the_example_makes_sense_and_does_what_its_cases_say() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    draft = draft_of(json.decode(example))
    (finding,) = Judge.of("payer-visit-with-vaccine", 1, draft.rule).findings(draft.cases[0].claim)

    assert unlike(draft.rule, draft.cases) == {}
    assert (finding.line_no, finding.severity) == (1, "error")


def test_the_page_has_every_field_and_no_other() -> None:
    told = re.findall(r"^\| `([a-z_.]+)` \| (codes|number|day|flag) \| (.*) \|$", PAGE, flags=re.MULTILINE)

    assert told == [(name, field.kind, field.about) for name, field in FIELDS.items()]


def test_the_page_has_every_kind_of_condition_and_change() -> None:
    kinds = ("all", "any", "not", "has", "has-all", "has-only", "present", "number", "day", "flag", "lines")
    changes = ("add-modifier", "remove-modifier", "replace-modifier", "replace-place-of-service", "diagnosis-first")

    assert [kind for kind in (*kinds, *changes, "hold", "warn", "fix") if f"`{kind}`" not in PAGE] == []
