"""What validation is made of."""

from pathlib import Path

from services.validation.main import service, tables_in
from services.validation.settings import Settings
from shared.codesets.systems import RESTATED, STARTERS
from shared.runtime.wiring import Wiring
from tests.unit.validation.driver import ROOT


def test_opens_the_tables_of_the_repository() -> None:
    tables = tables_in(ROOT / "reference")

    shelves = {system.name for system in STARTERS} | {shelf.system.name for shelf in RESTATED}
    assert {edition.system for edition in tables.library.editions()} == shelves


def test_a_folder_without_tables_is_not_loaded(tmp_path: Path) -> None:
    held = {edition.system for edition in tables_in(tmp_path).library.editions()}

    assert held == {shelf.system.name for shelf in RESTATED}


def test_reads_what_registration_coding_and_claims_publish_and_nothing_else() -> None:
    wiring = Wiring(service(Settings(), tables_in(ROOT / "nowhere")))

    assert wiring.foreign_producers == ("registration", "coding", "claims")
    assert wiring.public == {"CodesValidated", "CodesRejected", "FindingOverridden", "OverrideLapsed"}
