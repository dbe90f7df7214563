"""The way out: clean text, identifiers untouched, computed counts."""

from dataclasses import replace
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.x12.interchange import transaction_sets
from shared.x12.separators import STANDARD, Separators
from shared.x12.writer import (
    CannotBeWritten,
    Repeated,
    SetKind,
    SetWriter,
    amount,
    enclose,
    enclose_each,
    identifier,
    required,
    sanitize,
    set_control_number,
)
from tests.unit.shared.x12.examples import ENVELOPE


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Émile  Zola", "EMILE ZOLA"),
        ("O\N{RIGHT SINGLE QUOTATION MARK}Brien", "O'BRIEN"),
        ("Straße 5", "STRASSE 5"),
        ("Søren Łuk", "SOREN LUK"),
        ("A*B~C:D^E|F`G>H", "A B C D E F G H"),
        (" tab\tand\r\nline ", "TAB AND LINE"),
        ("nul\x00", "NUL"),
        ("中文", ""),
        ("½ dose", "1 2 DOSE"),
    ],
)
def test_text_is_made_to_fit(text: str, clean: str) -> None:
    assert sanitize(text) == clean


@given(st.text())
def test_clean_text_is_printable_and_stays_clean(text: str) -> None:
    clean = sanitize(text)

    assert clean.isascii()
    assert clean == clean.strip()
    assert not set(clean) & set("*~:^\r\n")
    assert sanitize(clean) == clean


def test_text_is_cut_at_its_element() -> None:
    assert sanitize("ABCD EFG", length_max=5) == "ABCD"


def test_a_required_text_that_nothing_is_left_of_is_refused() -> None:
    with pytest.raises(CannotBeWritten):
        required("中文")


def test_an_identifier_goes_out_as_it_is() -> None:
    assert identifier("aB-1", length_max=20) == "aB-1"


@pytest.mark.parametrize("text", ["", "A*B", "A:B", "A ", "A\n", "É", "A" * 21])
def test_an_identifier_that_would_change_is_refused(text: str) -> None:
    with pytest.raises(CannotBeWritten):
        identifier(text, length_max=20)


def test_amounts_have_no_trailing_zeros() -> None:
    assert [amount(cents) for cents in (15000, 8250, 8205, -100, 0, 5)] == ["150", "82.5", "82.05", "-1", "0", ".05"]


def test_trailing_empty_elements_are_left_out() -> None:
    out = SetWriter(Separators())

    out.add("SV1", ("HC", "99213", "", ""), "100", "", "")

    assert out.raw() == ["SV1*HC:99213*100"]


@pytest.mark.parametrize("value", ["A*B", "A~", "A:", "É", "A\n"])
def test_a_reserved_mark_in_a_value_is_refused(value: str) -> None:
    out = SetWriter(Separators())
    out.add("REF", "0B", "FINE", "", "")
    out.add("REF", "EI", value)

    with pytest.raises(CannotBeWritten):
        out.raw()


def test_an_envelope_counts_and_numbers() -> None:
    body = SetWriter(Separators())
    body.add("AK1", "HC", "1")
    sets = [(("999", "0001"), body), (("999", "0002"), body)]

    data = enclose(sets, envelope=ENVELOPE, functional_id="FA", guide="005010X231A1")

    assert data.endswith(b"SE*3*0002~GE*2*7~IEA*1*000000042~")
    assert data[:106].endswith(b"*000000042*0*T*:~")
    assert [found.control_number for found in transaction_sets(data)] == ["0001", "0002"]


@pytest.mark.parametrize("has_guide", [True, False])
def test_values_become_transaction_sets_that_are_numbered_on(*, has_guide: bool) -> None:
    kind = SetKind(set_id="999", functional_id="FA", guide="005010X231A1", has_guide=has_guide)

    data = enclose_each(
        ["HC", "HP"],
        lambda out, functional_id: out.add("AK1", functional_id, "1"),
        kind,
        envelope=ENVELOPE,
        first_control_number=9,
    )

    found = list(transaction_sets(data))
    assert [each.raw[0] for each in found] == [
        f"ST*999*{number}{'*005010X231A1' if has_guide else ''}" for number in ("0009", "0010")
    ]
    assert [each.raw[1] for each in found] == ["AK1*HC*1", "AK1*HP*1"]
    assert {(each.group.functional_id, each.guide) for each in found} == {("FA", "005010X231A1")}


def test_a_file_holds_at_least_one_transaction_set() -> None:
    kind = SetKind(set_id="999", functional_id="FA", guide="005010X231A1")
    none: list[str] = []

    with pytest.raises(CannotBeWritten, match="at least one"):
        enclose_each(none, lambda out, text: out.add(text), kind, envelope=ENVELOPE, first_control_number=1)


@pytest.mark.parametrize("number", [0, -1, 1_000_000_000])
def test_a_control_number_has_one_to_nine_digits(number: int) -> None:
    body = SetWriter(Separators())
    body.add("AK1")

    with pytest.raises(CannotBeWritten):
        set_control_number(number)
    for envelope in (
        replace(ENVELOPE, interchange_control_number=number),
        replace(ENVELOPE, group_control_number=number),
    ):
        with pytest.raises(CannotBeWritten):
            enclose([(("999", "0001"), body)], envelope=envelope, functional_id="FA", guide="005010X231A1")


def test_an_id_that_does_not_fit_the_header_is_refused() -> None:
    with pytest.raises(CannotBeWritten):
        enclose([], envelope=replace(ENVELOPE, sender_id="A" * 16), functional_id="FA", guide="005010X231A1")


@pytest.mark.parametrize(
    "changes",
    [
        {"sender_qualifier": "Z"},
        {"sender_qualifier": ""},
        {"receiver_qualifier": "ZZZ"},
        {"receiver_qualifier": "Z*"},
        {"receiver_qualifier": "ÉÉ"},
        {"usage": "X"},
        {"usage": "É"},
        {"usage": ""},
        {"sender_id": "AB!C", "separators": replace(STANDARD, terminator="!")},
        {"group_receiver": "AB+C", "separators": replace(STANDARD, element="+")},
    ],
)
def test_a_header_that_would_not_be_read_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(CannotBeWritten):
        enclose([], envelope=replace(ENVELOPE, **changes), functional_id="FA", guide="005010X231A1")


Element: TypeAlias = str | tuple[str, ...] | Repeated
_PARTS = st.text(st.sampled_from("AB1 *:^~\x1d|é\n"), max_size=3)
_ELEMENTS = st.one_of(
    _PARTS,
    st.lists(_PARTS, min_size=1, max_size=3).map(tuple),
    st.lists(_PARTS | st.lists(_PARTS, min_size=1, max_size=2).map(tuple), min_size=1, max_size=2).map(
        lambda found: Repeated(tuple(found))
    ),
)
_MARKS = st.sampled_from([Separators(), Separators(repetition=""), Separators(element="|", component="\x1d")])


@given(st.lists(_ELEMENTS, max_size=4), _MARKS)
@settings(max_examples=200, deadline=None)
def test_what_is_written_comes_apart_again_or_is_refused(elements: list[Element], marks: Separators) -> None:
    out = SetWriter(marks)
    try:
        out.add("ZZZ", *elements)
        (raw,) = out.raw()
    except CannotBeWritten:
        assert not _is_plain(elements, marks)
        return

    told = [[_trimmed(repeat) for repeat in _values(element)] for element in elements]
    while told and told[-1] == [[""]]:
        told.pop()
    assert [_split(part, marks) for part in raw.split(marks.element)[1:]] == told


def _is_plain(elements: list[Element], marks: Separators) -> bool:
    """Return whether nothing in the elements has to be refused."""
    values = [value for element in elements for repeat in _values(element) for value in repeat]
    reserved = {marks.element, marks.component, marks.repetition, marks.terminator} - {""}
    repeats = max((len(element.values) for element in elements if isinstance(element, Repeated)), default=1)
    clean = all(value.isascii() and value.isprintable() and reserved.isdisjoint(value) for value in values)
    return clean and (repeats == 1 or bool(marks.repetition))


def _values(element: Element) -> list[list[str]]:
    repeats = element.values if isinstance(element, Repeated) else (element,)
    return [[repeat] if isinstance(repeat, str) else list(repeat) for repeat in repeats]


def _trimmed(components: list[str]) -> list[str]:
    """Return what a reader has to find: nobody writes the empty components at the end."""
    while len(components) > 1 and not components[-1]:
        components = components[:-1]
    return components


def _split(part: str, marks: Separators) -> list[list[str]]:
    repeats = part.split(marks.repetition) if marks.repetition else [part]
    return [repeat.split(marks.component) for repeat in repeats]
