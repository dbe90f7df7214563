"""The list of code sets: each once, each layout for a known one, each starter on its own shelf."""

from shared.codesets.library import Library
from shared.codesets.systems import LAYOUTS, RESTATED, SYSTEMS


def test_each_code_set_is_listed_once() -> None:
    names = [system.name for system in SYSTEMS]

    assert len(set(names)) == len(names)
    assert all(system.title and system.source for system in SYSTEMS)


def test_a_layout_builds_a_listed_code_set() -> None:
    assert {layout.system.name for layout in LAYOUTS} <= {system.name for system in SYSTEMS}
    assert len({layout.about for layout in LAYOUTS}) == len(LAYOUTS)


def test_a_starter_is_an_edition_of_its_code_set() -> None:
    assert {shelf.system.name for shelf in RESTATED} <= {system.name for system in SYSTEMS}
    assert all(edition.system == shelf.system.name for shelf in RESTATED for edition in shelf.editions())
    assert len(Library(RESTATED).editions()) == len(RESTATED)
