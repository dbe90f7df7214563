"""The sample corpus: nothing raises, what two validators call valid is not complained of, and where we differ, why."""

import csv
from contextlib import suppress
from typing import Final

import pytest

from shared.x12.checks import check
from shared.x12.malformed import MalformedX12, segment_name
from shared.x12.tokens import tokenize
from tests.unit.shared.x12.examples import SAMPLES, needs_samples

_INDEX: Final = SAMPLES / "INDEX.csv"
ROWS: Final = (
    {row["file"]: row for row in csv.DictReader(_INDEX.read_text(encoding="utf-8").splitlines())}
    if _INDEX.exists()
    else {}
)
DISAGREEMENTS: Final = {
    "277CA/imsweb-x12-parser_x12_277CA_rejected.edi": "pyx12 demands an STC in 2200C, which the guide does not",
    "835/tastypackets-x12-parser_profee_multiple.edi": "one ISA13 for all its interchanges: to us a duplicate, level 7",
    "837P/kputnam-stupidedi_oxygen.edi": "pyx12 does not know PWK02 AD, which the guide has for PWK01 CT",
    "TA1/staedi_x12_interchange_ack.edi": "IEA01 is 1 with a TA1 alone: we tolerate what partners send",
}
"""Where pyx12 refuses a file and we do not. The other way round all are 4010, which we refuse and it reads."""


def _errors(name: str, levels: frozenset[str]) -> list[tuple[str, int, str]]:
    found = check((SAMPLES / name).read_bytes())
    return [(each.rule.id, each.segment, each.place) for each in found if each.is_error and each.rule.id[0] in levels]


@needs_samples
@pytest.mark.parametrize("name", sorted(ROWS))
def test_any_file_is_looked_at_to_its_end(name: str) -> None:
    data = (SAMPLES / name).read_bytes()

    for found in check(data):
        assert 0 <= found.offset <= len(data)
        assert found.segment >= 0


@needs_samples
def test_the_name_of_every_segment_is_known() -> None:
    """A few files cannot be taken apart; those that can have every kind of set of health care."""
    names: set[str] = set()
    for name in ROWS:
        with suppress(MalformedX12):
            names.update(segment.elements[0] for segment in tokenize((SAMPLES / name).read_bytes()))

    assert len(names) > 80
    assert {name for name in names if not segment_name(name)} == set()


@needs_samples
@pytest.mark.parametrize("name", sorted(name for name in ROWS if name.startswith("selfmade/")))
def test_our_own_examples_are_without_fault(name: str) -> None:
    assert _errors(name, frozenset("1234579")) == []


@needs_samples
@pytest.mark.parametrize(
    "name", sorted(name for name, row in ROWS.items() if {row["pyx12"], row["stupidedi"]} == {"valid"})
)
def test_what_two_validators_call_valid_is_to_us_but_for_what_they_do_not_look_at(name: str) -> None:
    """Levels 4 to 7: invented NPIs, five-digit ZIPs, one number on several claims are wrong, and they do not look."""
    assert _errors(name, frozenset("123")) == []


@needs_samples
def test_where_pyx12_judges_otherwise_the_reason_is_known() -> None:
    ours = {
        name: not _errors(name, frozenset("12"))
        for name, row in ROWS.items()
        if row["pyx12"] in {"valid", "invalid"} and not row["version"].startswith("004010")
    }
    differ = {name for name, is_valid in ours.items() if is_valid != (ROWS[name]["pyx12"] == "valid")}

    assert differ == set(DISAGREEMENTS)
    assert len(ours) - len(differ) >= 50
