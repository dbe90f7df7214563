"""docs/rules.md says what the rules say."""

from services.validation.domain.rules import RULES
from tools.write_rules_doc import FOLDER, PAGE, ROOT, page


def test_the_page_is_the_one_that_the_rules_write() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run tools/write_rules_doc.py"


def test_every_rule_has_a_section_that_leads_to_its_file() -> None:
    text = page()

    for rule in RULES:
        (file,) = (ROOT / FOLDER).glob(f"*/{rule.id}.py")
        assert f"## {rule.id}\n" in text
        assert f"../{file.relative_to(ROOT)}" in text
