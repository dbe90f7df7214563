"""How diagnoses become part of a scrub subject: pairs that are parted, causes, codes that lack a character."""

from dataclasses import replace
from datetime import date

import pytest
from msgspec import structs

from services.validation.domain.subject import ScrubSubject, subject_of
from shared.codesets.edition import TableNotLoaded
from tests.unit.validation.domain.test_subject import FACTS
from tests.unit.validation.driver import TABLES as SHIPPED
from tests.unit.validation.samples import CODED_LINE, NOW

IN_MAY = date(2026, 5, 4)  # a day of the tabular list that ships


def coded(*diagnoses: str, on: date = IN_MAY) -> ScrubSubject:
    line = structs.replace(CODED_LINE, service_from_on=on, service_to_on=on)
    codes = replace(FACTS.codes, diagnoses=diagnoses, lines=(line,))
    return subject_of(replace(FACTS, codes=codes), SHIPPED, NOW)


def test_finds_the_pairs_that_the_tabular_list_parts() -> None:
    made = coded("I10", "E109", "E119")
    assert not isinstance(made.excluded, TableNotLoaded)

    assert [(each.first, each.second, each.note.text) for each in made.excluded] == [
        (2, 3, "type 2 diabetes mellitus (E11.-)")
    ]
    assert coded("E119", "I10").excluded == ()
    assert isinstance(coded("E109", "E119", on=date(2026, 3, 3)).excluded, TableNotLoaded)


@pytest.mark.parametrize(
    ("code", "first", "count"),
    [("S72001", "S72001A", 16), ("W19", "W19XXXA", 3), ("T36", "", 0), ("S72001A", "", 0), ("E11", "", 0)],
)
def test_completes_a_code_that_lacks_only_its_7th_character(code: str, first: str, count: int) -> None:
    (diagnosis,) = coded(code).diagnoses

    assert len(diagnosis.complete) == count
    assert diagnosis.complete[:1] == ((first,) if first else ())


def test_knows_the_causes_of_a_manifestation_and_asks_for_no_others() -> None:
    dementia, parkinson = coded("F0280", "G20A1").diagnoses
    assert not isinstance(dementia.causes, TableNotLoaded)

    assert any(named.holds(parkinson.code) for note in dementia.causes for named in note.codes)
    assert parkinson.causes == ()
