"""A real export (13 synthetic patients, 1,215 encounters from 1986 on, SNOMED only): none lost, nothing guessed."""

from pathlib import Path

import pytest

from tests.support.programs import REPOSITORY, embedded

EXPORT = REPOSITORY.parent / "shared/data/reference/clinical/synthea_10patients_fhir_notes_Apache-2.0.tgz"


@pytest.mark.skipif(not EXPORT.exists(), reason="the reference data is not beside this checkout")
def test_every_encounter_ends_somewhere_with_a_reason(folder: Path) -> None:
    finished = embedded("demo", "--json", "--path", str(EXPORT), data=folder / "export")
    outcome = finished.outcome

    assert finished.code == 0, finished.err
    assert outcome["encounters"] == 1215
    assert outcome["coder_queue"] + outcome["not_codable"] == 1215
    assert outcome["coded"] == 0
