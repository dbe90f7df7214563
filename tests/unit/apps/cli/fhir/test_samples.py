"""The sample practice: made anew it is the same, and every outcome and price that the demo needs is in it."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.kernel.identifiers import is_npi
from tools.make_samples import ANCHOR, SEED, npi, practice, write

SAMPLES = Path(__file__).parents[5] / "samples"


def test_is_what_its_program_writes(tmp_path: Path) -> None:
    write(tmp_path, anchor=ANCHOR, seed=SEED)
    made = {each.relative_to(tmp_path): each.read_bytes() for each in tmp_path.rglob("*.*") if each.is_file()}

    assert made == {name: (SAMPLES / name).read_bytes() for name in made}
    assert {each.name for each in (SAMPLES / "practice").iterdir()} == {each.name for each in made if each.parent.name}


def test_moves_with_its_anchor() -> None:
    anchor = date(2027, 3, 1)
    starts = [each["period"]["start"][:10] for each in practice(anchor, SEED)["Encounter"]]

    assert max(starts) <= (anchor - timedelta(days=3)).isoformat()
    assert min(starts) >= (anchor - timedelta(days=112)).isoformat()


@pytest.mark.parametrize("anchor", [ANCHOR, date(2027, 3, 1), date(2027, 5, 10)])
def test_insures_three_patients_no_longer_whatever_the_anchor(anchor: date) -> None:
    files = practice(anchor, SEED)
    first_visit_on = min(each["period"]["start"][:10] for each in files["Encounter"])
    ended = [each["period"] for each in files["Coverage"] if "end" in each["period"]]

    assert len(ended) == 3
    assert all(each["start"] < each["end"] < first_visit_on for each in ended)
    assert all(each["period"]["start"] < first_visit_on for each in files["Coverage"])


def test_has_every_outcome() -> None:
    members = [each["subscriberId"] for each in practice(ANCHOR, SEED)["Coverage"]]

    for prefix in ("PAID", "DEDU", "DENY50", "DENY27", "DENYA", "REJP", "REJC", "R999", "SIM"):
        assert any(each.startswith(prefix) for each in members), prefix


def test_keeps_the_rejected_set_to_a_payer_of_its_own() -> None:
    coverages = practice(ANCHOR, SEED)["Coverage"]
    marked = {each["payor"][0]["reference"] for each in coverages if each["subscriberId"].startswith("R999")}
    others = {each["payor"][0]["reference"] for each in coverages if not each["subscriberId"].startswith("R999")}

    assert len(marked) == 1
    assert marked.isdisjoint(others)


def test_prices_everything_that_was_done_in_whole_cents() -> None:
    schedule = json.loads((SAMPLES / "fee-schedule.json").read_text())
    prices = {each["procedure_code"]: each["charge_cents"] for each in schedule["items"]}
    done = {each["code"]["coding"][0]["code"] for each in practice(ANCHOR, SEED)["Procedure"]}

    assert done <= set(prices)
    assert all(isinstance(each, int) and each > 0 for each in prices.values())


def test_describes_no_procedure_in_words() -> None:
    for each in practice(ANCHOR, SEED)["Procedure"]:
        assert "text" not in each["code"]
        assert "display" not in each["code"]["coding"][0]


@pytest.mark.parametrize("digits", ["123456789", "199999910", "199999921"])
def test_makes_up_well_formed_provider_numbers(digits: str) -> None:
    assert is_npi(npi(digits))
