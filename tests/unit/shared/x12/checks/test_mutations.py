"""Every way to break a file is found, at the segment where it was broken; what is not broken is not complained of."""

from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from shared.x12.checks import RULES, check
from shared.x12.checks.code_sets import KINDS
from tests.unit.shared.x12.checks import bases
from tests.unit.shared.x12.checks.broken import ISA, Mutation

MODULES: Final = [
    import_module(f"{__package__}.{path.stem}") for path in sorted(Path(__file__).parent.glob("breaking_*.py"))
]
MUTATIONS: Final = [mutation for module in MODULES for mutation in module.MUTATIONS]
BASES: Final = {name: base for name, base in vars(bases).items() if isinstance(base, tuple) and base[0] == ISA}

_AROUND: Final = {"ISA", "IEA", "GS", "GE", "ST", "SE", "TA1", ""}
_OF_THE_FILE: Final = {"1-envelope", "1-blank-before", "5-not-made"}


def _name(mutation: Mutation) -> str:
    return f"{mutation.change.__module__.rpartition('breaking_')[2]}-{mutation.change.__name__}"


@pytest.mark.parametrize("name", BASES)
def test_a_valid_file_is_not_complained_of(name: str) -> None:
    found = list(check(("~".join(BASES[name]) + "~").encode()))

    assert [each for each in found if each.rule.id != "5-not-made"] == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=_name)
def test_a_broken_file_is_found_at_the_segment(mutation: Mutation) -> None:
    found, segment = mutation.found()

    places = {(each.rule.id, each.segment, each.element) for each in found}
    if mutation.element is None:
        assert (mutation.rule, segment) in {place[:2] for place in places}, sorted(places)
    else:
        assert (mutation.rule, segment, mutation.element) in places, sorted(places)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=_name)
def test_one_fault_is_not_told_of_everything(mutation: Mutation) -> None:
    found, _ = mutation.found()

    assert len([each for each in found if each.is_error]) <= 8, [(e.rule.id, e.segment, e.element) for e in found]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=_name)
def test_what_is_found_in_a_set_is_found_in_a_loop(mutation: Mutation) -> None:
    """All but what has no loop yet, or is told of a file once: envelopes, layout, lists that are not loaded."""
    found, _ = mutation.found()

    assert [
        (each.rule.id, each.segment)
        for each in found
        if not each.loop and each.segment_id not in _AROUND and each.rule.id not in _OF_THE_FILE
    ] == []


def test_there_are_at_least_a_hundred_mutations_of_all_levels() -> None:
    assert len(MUTATIONS) >= 100
    assert {RULES[mutation.rule].level for mutation in MUTATIONS} == {1, 2, 3, 4, 5, 7}


def test_every_valid_file_has_ways_to_break_it() -> None:
    assert {mutation.base for mutation in MUTATIONS} == set(BASES.values())


def test_every_rule_can_be_broken() -> None:
    cannot_be_read = {"1-isa", "1-end", "1-length"}
    asks_others = {f"5-{kind}" for kind in KINDS} - {"5-place-of-service"}
    in_test_engine = cannot_be_read | asks_others | {"1-future", "2-older-guide", "5-not-made", "7-not-made"}

    assert set(RULES) - {mutation.rule for mutation in MUTATIONS} == in_test_engine
