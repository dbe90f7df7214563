"""Tables, the dictionary and the walk: what the notation means, and that no bytes make a check raise."""

import tracemalloc
from datetime import date
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.codesets.pos import POS
from shared.x12.checks import RULES, Severity, check, duplicates
from shared.x12.checks.code_sets import KINDS
from shared.x12.checks.codes import PLACES_OF_SERVICE
from shared.x12.checks.dictionary import segments
from shared.x12.checks.duplicates import Seen
from shared.x12.checks.guides import guide_of, guides
from shared.x12.checks.levels import Levels
from shared.x12.checks.notation import Loop, LoopUse, SegmentUse, read_guide
from shared.x12.checks.placing import Placed
from shared.x12.checks.tree import WORDS
from shared.x12.malformed import segment_name
from shared.x12.tokens import Segment
from tests.unit.shared.x12.checks import bases
from tests.unit.shared.x12.checks.bases import ACKNOWLEDGEMENT, ANSWER, INSTITUTIONAL, PROFESSIONAL, REMITTANCE
from tests.unit.shared.x12.checks.broken import Broken


class _Compared(str):
    """A text that counts how often it is looked at among others."""

    __slots__ = ()
    looks = 0

    def __eq__(self, other: object) -> bool:
        _Compared.looks += 1
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        _Compared.looks += 1
        return str.__hash__(self)


_BASES: Final = [base for base in vars(bases).values() if isinstance(base, tuple) and base[-2].startswith("GE*")]
_ENVELOPES: Final = ("ISA", "GS", "GE", "IEA")
_FILE: Final = ("~".join(PROFESSIONAL) + "~").encode()


def _loops(loop: Loop) -> dict[str, Loop]:
    inner = [use.loop for place in loop.places for use in place if isinstance(use, LoopUse)]
    found = {loop.name: loop}
    for each in inner:
        found |= _loops(each)
    return found


def _uses(loop: Loop) -> list[SegmentUse]:
    return [use for place in loop.places for use in place if isinstance(use, SegmentUse)]


@pytest.mark.parametrize(("code", "name"), sorted({(guide.code, guide.name) for guide in guides().values()}))
def test_a_table_speaks_of_segments_and_elements_that_exist(code: str, name: str) -> None:
    guide = guides()[code, name]

    for loop in _loops(guide.body).values():
        assert loop.first.is_required, loop.name
        for use in _uses(loop):
            shapes = segments()[use.id].elements
            assert len(use.elements) <= len(shapes), (loop.name, use.id)
            assert use.key_at <= len(use.elements), (loop.name, use.id)
            for element, shape in zip(use.elements, shapes, strict=False):
                assert bool(element.parts) <= bool(shape.parts), (loop.name, use.id)
                assert len(element.parts) <= len(shape.parts.elements if shape.parts else ()), (loop.name, use.id)
                assert all(len(code) <= shape.length_max for code in element.codes if not shape.parts)


@pytest.mark.parametrize("name", ["DOE", "ANN", "SMITH JOHN", "Doe", "J", ""])
@pytest.mark.parametrize("behind", ["HI*", "GS*", "GE*", "IEA*"])
def test_a_text_in_the_place_of_a_segments_name_is_not_repeated(name: str, behind: str) -> None:
    file = Broken(list(PROFESSIONAL))
    file.after(behind, f"{name}*X")

    found = list(check(file.content()))

    assert found
    assert {each.segment_id for each in found} <= {*segments(), *_ENVELOPES, ""}
    assert not any(len(name) > 1 and name in each.detail for each in found)


@pytest.mark.parametrize("name", [*segments(), *_ENVELOPES])
def test_the_name_of_a_segment_is_known(name: str) -> None:
    assert segment_name(name) == name


def test_every_segment_has_a_name_of_ours() -> None:
    assert set(segments()) <= set(WORDS)


def test_the_notation_means_what_it_says() -> None:
    guide = read_guide(
        "[000 made up]\nR 1 ST*000 . R\nS 2 REF*G1,9F .\n R<10\nS * 1000\nR 1 SE R R\n"
        "[1000 a loop]\nR 1 HL***20 R - .\nS 3 HI*BG R(=BG R) S=A,B^2\n",
        name="X",
        functional_id="HC",
        title="made up",
    )
    st_, reference, loop, se = (place[0] for place in guide.body.places)

    assert isinstance(st_, SegmentUse)
    assert isinstance(reference, SegmentUse)
    assert isinstance(loop, LoopUse)
    assert isinstance(se, SegmentUse)
    assert (guide.code, reference.key, reference.times, reference.is_required) == (
        "000",
        frozenset({"G1", "9F"}),
        2,
        False,
    )
    assert (reference.elements[1].requirement, reference.elements[1].length_max) == ("R", 10)
    assert loop.loop.first.key_at == 3
    assert loop.loop.first.elements[1].requirement == "-"
    codes = loop.loop.places[1][0]
    assert isinstance(codes, SegmentUse)
    assert codes.elements[0].parts[0].codes == {"BG"}
    assert guide.segment_ids == {"ST", "REF", "HL", "HI", "SE"}


def test_an_older_name_of_a_guide_is_told_and_checked() -> None:
    file = Broken(list(PROFESSIONAL))
    file.element("GS*", 8, "005010X222")
    file.element("ST*", 3, "005010X222")

    found = list(check(file.content()))

    assert [each.rule.id for each in found if each.rule.level == 2] == ["2-older-guide"]
    assert guide_of("837", "005010X222A1") == (guides()["837", "005010X222"], False)


def test_numbers_that_come_again_in_a_later_interchange_are_found() -> None:
    """Two interchanges of one number; then two of their own numbers, whose groups have the same one."""
    first, later = list(PROFESSIONAL), list(PROFESSIONAL)
    later[0], later[-1] = later[0].replace("000000001", "000000002"), "IEA*1*000000002"

    again = [(each.rule.id, each.segment) for each in check(("~".join(first + first) + "~").encode())]
    groups = [(each.rule.id, each.segment) for each in check(("~".join(first + later) + "~").encode())]
    sevens = [each for each in again if each[0].startswith("7-")]

    isa = len(first) + 1
    assert {("7-interchange-number", isa), ("7-group-number", isa + 1)} <= set(sevens)
    assert [each for each in groups if each[0].startswith("7-") and "claim" not in each[0]] == [
        ("7-group-number", isa + 1)
    ]
    assert not any(rule == "7-set-number" for rule, _ in again + groups)


def test_a_file_of_tomorrow_is_found_by_who_knows_the_day() -> None:
    assert "1-future" in {each.rule.id for each in check(_FILE, today=date(2026, 1, 31))}
    assert "1-future" not in {each.rule.id for each in check(_FILE, today=date(2026, 2, 1))}


def test_faults_of_several_sets_are_all_told() -> None:
    file = Broken([*PROFESSIONAL, *REMITTANCE])
    file.element("CLM*", 2, "149")
    file.element("BPR*", 2, "1")

    found = {each.rule.id for each in check(file.content())}

    assert {"3-charge", "3-payment"} <= found


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "1-isa"),
        (b"hello", "1-isa"),
        (_FILE.replace(b"ISA*00*  ", b"ISA*00*"), "1-isa"),
        (_FILE[: _FILE.index(b"IEA*")], "1-end"),
        (_FILE[: _FILE.index(b"CLM*") + 5], "1-end"),
        (_FILE[:200] + b"A" * 2_000_000, "1-length"),
    ],
)
def test_what_cannot_be_taken_apart_is_a_finding(data: bytes, rule: str) -> None:
    blocks = [data[at : at + 65_536] for at in range(0, len(data), 65_536)]

    assert rule in {each.rule.id for each in check(blocks)}


def _asked(data: bytes) -> set[tuple[str, str, date | None]]:
    """Return what is asked about a file."""
    asked: set[tuple[str, str, date | None]] = set()

    def knows(kind: str, code: str, on: date | None) -> bool:
        asked.add((kind, code, on))
        return True

    assert [each.rule.id for each in check(data, knows=knows)] == []
    return asked


def test_codes_are_looked_up_on_the_day_of_their_line() -> None:
    file = Broken(list(PROFESSIONAL))
    file.element("DTP*472", 3, "20260120", nth=2)

    assert _asked(file.content()) >= {
        ("diagnosis", "E119", date(2026, 1, 15)),
        ("procedure", "99213", date(2026, 1, 15)),
        ("modifier", "25", date(2026, 1, 15)),
        ("procedure", "36415", date(2026, 1, 20)),
        ("diagnosis", "J069", date(2026, 1, 10)),
        ("place-of-service", "11", date(2026, 1, 15)),
        ("adjustment-reason", "45", date(2026, 1, 20)),  # when the other payer decided
        ("taxonomy", "207Q00000X", date(2026, 2, 1)),  # of no claim, so when the file was made
        ("provider", "1987654328", date(2026, 1, 15)),
        ("payer", "99999", date(2026, 2, 1)),
    }


def test_codes_of_a_stay_are_looked_up_on_its_last_day() -> None:
    file = Broken(list(INSTITUTIONAL))
    file.after("HI*ABF", "HI*BBR:0DTJ4ZZ:D8:20260111")

    assert _asked(file.content()) >= {
        ("diagnosis", "J189", date(2026, 1, 12)),
        ("inpatient-procedure", "0DTJ4ZZ", date(2026, 1, 12)),
        ("occurrence", "A1", date(2026, 1, 12)),
        ("value", "80", date(2026, 1, 12)),
        ("condition", "09", date(2026, 1, 12)),
        ("procedure", "85025", date(2026, 1, 11)),
    }
    file.component("CLM*", 5, 1, "13")
    assert ("diagnosis", "J189", date(2026, 1, 10)) in _asked(file.content())


def test_reasons_of_a_payer_are_looked_up_on_the_day_of_the_remittance() -> None:
    assert _asked(("~".join(REMITTANCE) + "~").encode()) >= {
        ("adjustment-reason", "253", date(2026, 2, 1)),
        ("remark", "MA01", date(2026, 2, 1)),
        ("procedure", "99214", date(2026, 1, 10)),
    }


def test_of_a_list_that_is_not_loaded_it_is_said_once() -> None:
    def knows(kind: str, code: str, on: date | None) -> bool | None:
        return None if kind == "taxonomy" else code != "E119" or on is None

    found = [(each.rule.id, each.segment, each.place, each.detail) for each in check(_FILE, knows=knows)]

    assert [each for each in found if each[0].startswith("5-")] == [
        ("5-not-made", 9, "PRV", "taxonomy"),
        ("5-diagnosis", 22, "HI01-2", ""),
    ]


def test_every_list_has_a_rule_and_a_name() -> None:
    assert {f"5-{kind}" for kind in KINDS} <= set(RULES)
    assert all(KINDS.values())


def test_places_of_service_are_those_of_the_dated_table() -> None:
    assert {row.code for row in POS} == PLACES_OF_SERVICE


@pytest.mark.parametrize("code", ["U071", "QA00101", "J4B", "K6A01"])
def test_diagnoses_of_unusual_form_are_diagnoses(code: str) -> None:
    file = Broken(list(PROFESSIONAL))
    file.component("HI*", 1, 2, code)

    assert [each.place for each in check(file.content()) if each.rule.id == "5-diagnosis-form"] == []


@pytest.mark.parametrize("base", [PROFESSIONAL, INSTITUTIONAL, REMITTANCE], ids=["837P", "837I", "835"])
def test_a_code_that_its_list_does_not_have_is_found_where_it_stands(base: tuple[str, ...]) -> None:
    found = list(check(("~".join(base) + "~").encode(), knows=lambda _kind, _code, _on: False))
    places = {(each.rule.id, each.place) for each in found}
    expected = {
        "HC": {("5-diagnosis", "HI01-2"), ("5-taxonomy", "PRV03"), ("5-provider", "NM109"), ("5-payer", "NM109")},
        "HP": {
            ("5-adjustment-reason", "CAS02"),
            ("5-remark", "LQ02"),
            ("5-remark", "MOA03"),
            ("5-procedure", "SVC01-2"),
        },
    }[base[1][3:5]]

    assert expected <= places
    if base is INSTITUTIONAL:
        assert {("5-revenue", "SV201"), ("5-occurrence", "HI02-2"), ("5-value", "HI01-2")} <= places
        assert ("5-condition", "HI01-2") in places
    if base is PROFESSIONAL:
        assert {("5-modifier", "SV101-3"), ("5-procedure", "SV101-2"), ("5-place-of-service", "CLM05-1")} <= places


@pytest.mark.parametrize("nested", [True, False], ids=["nested", "flat"])
def test_ten_thousand_levels_cost_ten_times_a_thousand(*, nested: bool) -> None:
    def comparisons(levels: int) -> int:
        _Compared.looks = 0
        rules = Levels(lambda *_, **__: None, may_end_early=False)
        for number in range(1, levels + 1):
            above = "" if number == 1 else str(number - 1 if nested else 1)
            name = tuple(map(_Compared, ("HL", str(number), above, "22", "1")))
            rules.take(Placed(Segment(name, number, 0), "", None))
        rules.end(Segment(("SE",), 0, 0))
        return _Compared.looks

    assert comparisons(10_000) < 11 * comparisons(1_000)


def test_a_military_status_is_a_description_between_codes() -> None:
    file = Broken(list(ANSWER))
    file.after("DMG*", "MPI*C*AO*A*RESERVE OF THE ARMY*C9")

    assert [each.place for each in check(file.content()) if each.segment_id == "MPI" and each.rule.level == 1] == []


def test_a_service_of_another_guide_is_no_line() -> None:
    file = Broken(list(PROFESSIONAL))
    file.before("CAS*CO", "SV2*0300**1*UN*1")

    assert [each.rule.id for each in check(file.content()) if each.is_error] == ["2-segment-unexpected"]


def test_below_who_is_refused_nobody_needs_benefits() -> None:
    """Two providers, each with an insured of whom nothing is said: the payer does not speak to the first."""
    file = Broken(list(ANSWER))
    file.drop("EB*", count=6)
    file.before("SE*", "HL*4*1*21*1", "NM1*1P*2*OTHER CLINIC*****XX*1234567893")
    file.before("SE*", "HL*5*4*22*0", "NM1*IL*1*ROE*MARY****MI*MBR00000002")
    file.after("NM1*1P*2*ACME", "AAA*N**43*C")

    found = [(each.rule.id, each.segment) for each in check(file.content()) if each.is_error]

    assert found == [("4-no-benefit", file.find("HL*5") + 1)]


def test_a_lost_set_is_no_contradiction_where_it_is_told() -> None:
    file = Broken(list(ACKNOWLEDGEMENT))
    file.element("AK9*", 2, "3")
    file.element("AK9*", 5, "5")

    assert list(check(file.content())) == []


def test_of_more_numbers_than_are_compared_it_is_said_once() -> None:
    told: list[tuple[str, int]] = []
    numbers = Seen(
        lambda rule, segment, **_: told.append((rule, segment.index)), "7-claim-number", element="01", limit=2
    )
    for index, number in enumerate("ABCADCB", start=1):
        numbers.once(number, Segment(("CLM", number), index, 0))

    assert told == [("7-not-made", 3), ("7-claim-number", 4), ("7-claim-number", 7)]


def test_every_number_that_comes_again_is_found_in_16_bytes_each() -> None:
    told: list[str] = []
    numbers = Seen(lambda rule, *_, **__: told.append(rule), "7-claim-number", element="01")
    segment = Segment(("CLM",), 1, 0)
    tracemalloc.start()
    try:
        for number in range(40_000):
            numbers.once(f"CLM{number}", segment)
        kept_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert told == []

    for number in range(40_000):
        numbers.once(f"CLM{number}", segment)

    assert told == ["7-claim-number"] * 40_000
    assert kept_bytes < 40_000 * 16


@pytest.mark.parametrize(
    ("base", "begins", "ends", "element"),
    [
        (PROFESSIONAL, "ISA*", "IEA*", 13),
        (PROFESSIONAL, "GS*", "GE*", 6),
        (PROFESSIONAL, "ST*", "SE*", 2),
        (PROFESSIONAL, "CLM*CLM0001", "REF*6R*L2", 1),
        (REMITTANCE, "TRN*", "TRN*", 2),
        (REMITTANCE, "CLP*", "AMT*I", 1),
    ],
    ids=["ISA13", "GS06", "ST02", "CLM01", "TRN02", "CLP01"],
)
def test_what_is_not_compared_is_told_at_every_level(
    monkeypatch: pytest.MonkeyPatch, base: tuple[str, ...], begins: str, ends: str, element: int
) -> None:
    """A part of a file three times, under three numbers, where memory ends at two."""
    monkeypatch.setattr(duplicates, "NUMBERS_MAX", 2)
    file = Broken(list(base))
    first, *rest = file.lines[file.find(begins) : file.find(ends) + 1]
    for number in ("000000008", "000000009"):
        other = first.split("*")
        other[element] = number
        file.after(ends, "*".join(other), *rest)

    found = [each.segment_id for each in check(file.content()) if each.rule.id == "7-not-made"]

    assert found == [first.partition("*")[0]]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_bytes_make_a_check_raise(data: st.DataObject) -> None:
    """A file with some of its bytes changed, left out, or doubled."""
    content = bytearray(_FILE)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=20))

    assert all(found.rule.id in RULES for found in check(bytes(content)))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_order_of_segments_makes_a_check_raise(data: st.DataObject) -> None:
    """A file whose segments were moved and left out, with some of other sets between them."""
    lines = list(data.draw(st.sampled_from(_BASES)))
    for _ in range(data.draw(st.integers(1, 6))):
        at, other = (data.draw(st.integers(2, len(lines) - 3)) for _ in range(2))
        foreign = data.draw(st.sampled_from([line for base in _BASES for line in base[2:-2]]))
        lines[at : at + data.draw(st.integers(0, 2 if len(lines) > 10 else 0))] = data.draw(
            st.sampled_from([[foreign], [lines[other]], []])
        )

    assert all(found.rule.id in RULES for found in check(Broken(lines).content()))


def test_every_rule_says_what_to_do() -> None:
    for name, rule in RULES.items():
        assert name == rule.id
        assert rule.level in {1, 2, 3, 4, 5, 7}
        assert rule.wrong, name
        assert rule.mend, name
        assert rule.source, name
    assert {rule.severity for rule in RULES.values()} == {Severity.ERROR, Severity.WARNING}
