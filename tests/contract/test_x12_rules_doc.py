"""docs/x12-rules.md says what the rules say."""

from shared.x12.checks import RULES
from tools.write_x12_rules_doc import LEVELS, PAGE, REJECTIONS, page


def test_the_page_is_the_one_that_the_rules_write() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run tools/write_x12_rules_doc.py"


def test_every_rule_stands_on_the_page_once() -> None:
    assert {rule.level for rule in RULES.values()} == set(LEVELS)
    for rule in RULES:
        assert page().count(f"\n| `{rule}` |") == 1


def test_what_clearinghouses_refuse_is_found_by_rules_that_exist() -> None:
    assert {rule for *_, rules in REJECTIONS for rule in rules.split()} <= set(RULES)
