"""The rules of `services/coding/domain/code_set.py` as examples."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.coding.domain.code_set import (
    CODE_SETS,
    CodeSetFact,
    CodeTableKept,
    LicenceNotAccepted,
    LoadEdition,
    LoadTable,
    NothingToReplace,
)
from shared.codesets.edition import Edition
from shared.codesets.library import EditionsOverlap
from shared.events.coding import CodeSetEditionLoaded, LoadedFile
from shared.events.envelope import Event
from tests.unit.coding.tables import ICD10CM

NOW = datetime(2026, 3, 3, tzinfo=UTC)
STARTER = LoadEdition(edition=ICD10CM.edition, now=NOW)
FILE = LoadedFile(name="order.zip", sha256="f" * 64)


def edition(release: str, first: date, last: date | None) -> Edition:
    return replace(
        ICD10CM.edition, release=release, sha256=release.ljust(64, "0"), effective_from=first, effective_to=last
    )


YEAR_26 = edition("2026", date(2025, 10, 1), date(2026, 9, 30))
YEAR_27 = edition("2027", date(2026, 10, 1), date(2027, 9, 30))
YEAR_27_CORRECTED = edition("2027a", date(2026, 10, 1), date(2027, 9, 30))


def load(
    what: Edition, *, needed: str | None = None, licence: str | None = None, replaces: str | None = None
) -> LoadTable:
    return LoadTable(
        edition=what,
        packed_sha256="a" * 64,
        files=(FILE,),
        rows=7,
        rejected_rows=1,
        licence_needed=needed,
        licence=licence,
        replaces=replaces,
        now=NOW,
    )


def after(*commands: LoadEdition | LoadTable) -> tuple[CodeSetFact, ...]:
    facts: tuple[CodeSetFact, ...] = ()
    for command in commands:
        facts = (*facts, *CODE_SETS.outcome(given=facts, when=command))
    return facts


def test_keeps_a_lost_table_again_and_publishes_nothing() -> None:
    again = replace(load(YEAR_26), packed_sha256="b" * 64, is_lost=True)
    given = after(load(YEAR_26))

    facts = CODE_SETS.outcome(given=given, when=again)

    assert facts == (CodeTableKept(system=YEAR_26.system, sha256=YEAR_26.sha256, packed_sha256="b" * 64, kept_at=NOW),)
    assert CODE_SETS.outcome(given=(*given, *facts), when=load(YEAR_26)) == ()


def test_publishes_a_starter_once() -> None:
    facts = CODE_SETS.outcome(given=(), when=STARTER)

    assert facts == (
        CodeSetEditionLoaded(
            system="icd10cm",
            release="test",
            effective_from_on=date(2015, 10, 1),
            effective_to_on=date(2027, 9, 30),
            sha256=ICD10CM.edition.sha256,
            source="synthetic",
            licence_acknowledged=None,
            loaded_at=NOW,
        ),
    )
    assert CODE_SETS.outcome(given=facts, when=STARTER) == ()
    assert CODE_SETS.stream(STARTER) == "code_set-icd10cm"


def test_publishes_a_rebuilt_starter_of_the_same_release() -> None:
    facts = CODE_SETS.outcome(given=(), when=STARTER)
    rebuilt = LoadEdition(edition=replace(ICD10CM.edition, sha256="0" * 64), now=NOW)

    assert len(CODE_SETS.outcome(given=facts, when=rebuilt)) == 1


def test_a_loaded_table_says_where_it_comes_from_and_is_loaded_once() -> None:
    facts = after(STARTER, load(YEAR_27))

    assert len(facts) == 2  # over the days of a starter, which gives way
    assert facts[1] == CodeSetEditionLoaded(
        system="icd10cm",
        release="2027",
        effective_from_on=date(2026, 10, 1),
        effective_to_on=date(2027, 9, 30),
        sha256=YEAR_27.sha256,
        source="synthetic",
        licence_acknowledged=None,
        loaded_at=NOW,
        is_starter=False,
        packed_sha256="a" * 64,
        files=(FILE,),
        rows=7,
        rejected_rows=1,
    )
    assert CODE_SETS.outcome(given=facts, when=load(YEAR_27)) == ()


def test_editions_stand_side_by_side_without_a_common_day() -> None:
    assert len(after(load(YEAR_27), load(YEAR_26))) == 2


def test_an_overlap_is_refused_with_both_names() -> None:
    with pytest.raises(EditionsOverlap, match="icd10cm 2027a answers for days that 2027 answers for"):
        after(load(YEAR_27), load(YEAR_27_CORRECTED))


def test_a_corrected_edition_takes_the_place_of_one_in_force() -> None:
    facts = after(load(YEAR_27), load(YEAR_27_CORRECTED, replaces=YEAR_27.sha256))

    assert isinstance(facts[-1], CodeSetEditionLoaded)
    assert facts[-1].replaces == YEAR_27.sha256
    with pytest.raises(NothingToReplace):
        CODE_SETS.outcome(given=facts, when=load(edition("2027b", date(2026, 10, 1), None), replaces=YEAR_27.sha256))


@pytest.mark.parametrize("given", [(), (STARTER,)], ids=["nothing", "a starter"])
def test_nothing_loaded_is_nothing_to_replace(given: tuple[LoadEdition, ...]) -> None:
    facts: tuple[Event, ...] = after(*given)

    with pytest.raises(NothingToReplace):
        CODE_SETS.outcome(given=facts, when=load(YEAR_27, replaces=ICD10CM.edition.sha256))  # type: ignore[arg-type]


def test_a_licence_is_accepted_or_nothing_is_loaded() -> None:
    with pytest.raises(LicenceNotAccepted, match="AMA"):
        after(load(YEAR_27, needed="AMA"))
    (fact,) = after(load(YEAR_27, needed="AMA", licence="AMA"))
    assert isinstance(fact, CodeSetEditionLoaded)
    assert fact.licence_acknowledged == "AMA"
