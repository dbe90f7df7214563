"""Pages that are generated say what the code says; what a person reads about a field or route is never out of date."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from services.validation.domain.rules import RULES
from shared.events.registry import EVENTS
from shared.runtime.verify import chain, checkpoints, files, parked, streams, topics
from shared.runtime.verify.finding import About
from shared.runtime.wiring import RUNTIME_EVENTS
from tools import write_api_doc, write_events_doc, write_metrics_doc, write_problems_doc
from tools.service_values import ROOT, services

PAGES = sorted(path for path in ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\[[^\]]+\]\(([^)#]+)(?:#[^)]*)?\)")
PLACE = re.compile(r"`((?:apps|docs|reference|samples|services|shared|tests|tools)/[\w./-]+)`")
FACT = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def test_events_page_is_the_one_that_the_code_writes() -> None:
    assert write_events_doc.PAGE.read_text(encoding="utf-8") == write_events_doc.page(), "run `make contracts`"


def test_api_page_is_the_one_that_the_code_writes() -> None:
    assert write_api_doc.PAGE.read_text(encoding="utf-8") == write_api_doc.page(), "run `make contracts`"


def test_problems_page_is_the_one_that_the_code_writes() -> None:
    assert write_problems_doc.PAGE.read_text(encoding="utf-8") == write_problems_doc.page(), "run `make contracts`"


def test_metrics_page_is_the_one_that_the_code_writes() -> None:
    assert write_metrics_doc.PAGE.read_text(encoding="utf-8") == write_metrics_doc.page(), "run `make contracts`"


def test_operations_page_says_of_every_invariant_what_mends_it() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page[page.index("| Where one does not hold") : page.index("## Replay")]
    of_stores = {
        each.name
        for module in (chain, checkpoints, files, parked, streams, topics)
        for each in vars(module).values()
        if isinstance(each, About)
    }
    of_services = {each.name for service in services() for each in service.invariants}

    assert set(re.findall(r"`([a-z-]+)`", table)) == of_stores | of_services


def test_events_page_has_every_event_and_every_reaction() -> None:
    text = write_events_doc.page()
    public = [reaction for service in services() for reaction in service.reactions if reaction.on in EVENTS.values()]

    assert all(f"\n### {name}\n" in text for name in EVENTS)
    assert all(f"`{reaction.name}`" in text for reaction in public)


def test_readme_counts_every_rule_in_one_family() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    table = page[page.index("| Family | Rules |") : page.index("## What it is not yet")]

    assert f"{len(RULES)} rules look at every set of codes" in page
    assert sum(map(int, re.findall(r"\| (\d+) \|", table))) == len(RULES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    prose = CODE.sub("", page.read_text(encoding="utf-8"))
    links = [link for link in LINK.findall(prose) if "://" not in link]

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]

    assert numbers[:1] == [1]
    assert all(after == before + 1 for before, after in pairwise(numbers))


def test_changes_of_the_contract_stand_first() -> None:
    headings = re.findall(r"^#+ (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert headings[2] == "Contract"


def test_architecture_speaks_of_facts_that_exist() -> None:
    private = {event.__name__ for service in services() for event in service.private_events}
    known = {*EVENTS, *private, *(event.__name__ for event in RUNTIME_EVENTS)}
    spoken = set(FACT.findall((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")))

    assert spoken - known == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_that_are_named_exist(page: Path) -> None:
    named = PLACE.findall(page.read_text(encoding="utf-8"))

    assert [path for path in named if not (ROOT / path).exists()] == []
