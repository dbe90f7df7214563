"""The rules of `services/coding/domain/code_set.py` as examples."""

from dataclasses import replace
from datetime import UTC, date, datetime

from services.coding.domain.code_set import CODE_SETS, LoadEdition
from shared.events.coding import CodeSetEditionLoaded
from tests.unit.coding.tables import ICD10CM

NOW = datetime(2026, 3, 3, tzinfo=UTC)
LOAD = LoadEdition(edition=ICD10CM.edition, now=NOW)


def test_publishes_an_edition_once() -> None:
    facts = CODE_SETS.outcome(given=(), when=LOAD)

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
    assert CODE_SETS.outcome(given=facts, when=LOAD) == ()
    assert CODE_SETS.stream(LOAD) == "code_set-icd10cm"


def test_publishes_a_rebuilt_table_of_the_same_release() -> None:
    facts = CODE_SETS.outcome(given=(), when=LOAD)
    rebuilt = LoadEdition(edition=replace(ICD10CM.edition, sha256="0" * 64), now=NOW)

    assert len(CODE_SETS.outcome(given=facts, when=rebuilt)) == 1
