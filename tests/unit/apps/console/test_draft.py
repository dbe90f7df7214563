"""A set of codes as a coder types it: where it comes from, how rows move, what it means, what a row is told."""

from datetime import date
from typing import Any

import pytest

from apps.console.desk import Form
from apps.console.draft import (
    DIAGNOSES_MAX,
    Diagnosis,
    Draft,
    Line,
    assigned,
    by_row,
    culprit,
    documented,
    edited,
    meant,
    modifiers_of,
    pointed,
    readable,
    sent,
)
from shared.clients.coding import LineToAssign

TWO = Draft(
    diagnoses=(Diagnosis(code="J02.9"), Diagnosis(code="L30.9")),
    lines=(Line(code="99213", modifiers="25", pointers="1, 2"), Line(code="71046", pointers="2")),
)


def condition(text: str = "", **codes: str) -> dict[str, Any]:
    return {"text": text, "codes": [{"system": system, "code": code} for system, code in codes.items()]}


def procedure(pointers: tuple[int, ...] = (), text: str = "", units: int = 1, **codes: str) -> dict[str, Any]:
    return {**condition(text, **codes), "modifiers": ["25"], "units": units, "pointers": pointers, "service_on": None}


def finding(field: str, line_no: int | None = None) -> dict[str, Any]:
    return {"field": field, "line_no": line_no}


# -- where drafts come from ----------------------------------------------------------------------------------------


def test_a_form_is_read_row_by_row_with_the_days_that_it_hides() -> None:
    fields = {
        "dx": (" J02.9 ", ""),
        "dx_said": ("sore throat", "rash"),
        "code": ("99213", "71046"),
        "modifiers": ("25", ""),
        "units": ("1", "2"),
        "pointers": ("1", "A"),
        "from_on": ("2026-03-03", ""),
        "to_on": ("2026-03-03", ""),
        "line_said": ("", "chest film"),
    }

    draft = sent(Form(fields))

    assert draft.diagnoses == (Diagnosis(code="J02.9", said="sore throat"), Diagnosis(said="rash"))
    assert draft.lines[0] == Line(code="99213", modifiers="25", pointers="1", from_on="2026-03-03", to_on="2026-03-03")
    assert draft.lines[1] == Line(code="71046", units="2", pointers="A", said="chest film")


def test_a_form_without_rows_has_one_of_each_to_type_in() -> None:
    assert sent(Form({})) == Draft()


def test_a_documentation_proposes_its_codes_and_a_gap_for_what_has_only_words() -> None:
    visit = {
        "conditions": [
            condition("sore throat since Tuesday"),
            condition("Cervicalgia", icd10cm="M542"),
            condition("Diabetes", snomed="44054006"),
        ],
        "procedures": [procedure((1, 2), cpt="99213"), procedure((3,), "injection", 3, hcpcs="J1885")],
    }

    draft = documented(visit)

    assert draft.diagnoses == (
        Diagnosis(said="sore throat since Tuesday"),
        Diagnosis(code="M54.2", said="Cervicalgia"),
        Diagnosis(said="Diabetes"),
    )
    assert [(each.code, each.modifiers, each.units, each.pointers, each.said) for each in draft.lines] == [
        ("99213", "25", "1", "1, 2", ""),
        ("J1885", "25", "3", "3", "injection"),
    ]


def test_conditions_of_one_code_are_one_row_and_pointers_follow() -> None:
    visit = {
        "conditions": [condition("a", icd10cm="J029"), condition("b", icd10cm="L309"), condition("c", icd10cm="J029")],
        "procedures": [procedure((3, 2, 1), cpt="99213")],
    }

    draft = documented(visit)

    assert [each.code for each in draft.diagnoses] == ["J02.9", "L30.9"]
    assert draft.lines[0].pointers == "1, 2"


def test_a_documentation_of_nothing_proposes_one_gap_of_each() -> None:
    assert documented({"conditions": [], "procedures": []}) == Draft(lines=(Line(pointers="1"),))


def test_assigned_codes_come_back_as_they_were_typed() -> None:
    line = {"procedure_code": "99213", "modifiers": ["25", "RT"], "units": 2, "pointers": [1, 2]}
    days = {"service_from_on": "2026-03-03", "service_to_on": "2026-03-04"}
    codes = {"diagnoses": [{"order": 1, "code": "J029"}, {"order": 2, "code": "I10"}], "lines": [{**line, **days}]}

    read = meant(assigned(codes))

    assert read.diagnoses == ("J02.9", "I10")
    assert read.lines == (
        LineToAssign(
            procedure_code="99213",
            modifiers=("25", "RT"),
            units=2,
            pointers=(1, 2),
            service_from_on=date(2026, 3, 3),
            service_to_on=date(2026, 3, 4),
        ),
    )
    assert read.wrongs == ()


# -- rows that come, go and change places --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "codes", "pointers", "focus"),
    [
        ("up dx 2", ["L30.9", "J02.9"], ["2, 1", "1"], "dx-1"),
        ("down dx 1", ["L30.9", "J02.9"], ["2, 1", "1"], "dx-2"),
        ("up dx 1", ["J02.9", "L30.9"], ["1, 2", "2"], "dx-1"),
        ("down dx 2", ["J02.9", "L30.9"], ["1, 2", "2"], "dx-2"),
        ("remove dx 1", ["L30.9"], ["1", "1"], "dx-1"),
        ("remove dx 2", ["J02.9"], ["1", ""], "dx-1"),
        ("add dx", ["J02.9", "L30.9", ""], ["1, 2", "2"], "dx-3"),
    ],
)
def test_pointers_follow_diagnoses_that_move(do: str, codes: list[str], pointers: list[str], focus: str) -> None:
    draft, at = edited(TWO, do)

    assert [each.code for each in draft.diagnoses] == codes
    assert [each.pointers for each in draft.lines] == pointers
    assert at == focus


@pytest.mark.parametrize(
    ("do", "codes", "focus"),
    [
        ("up line 2", ["71046", "99213"], "code-1"),
        ("remove line 1", ["71046"], "code-1"),
        ("remove line 2", ["99213"], "code-1"),
        ("add line", ["99213", "71046", ""], "code-3"),
    ],
)
def test_lines_move_and_diagnoses_stay(do: str, codes: list[str], focus: str) -> None:
    draft, at = edited(TWO, do)

    assert [each.code for each in draft.lines] == codes
    assert draft.diagnoses == TWO.diagnoses
    assert at == focus


@pytest.mark.parametrize("do", ["", "up", "up dx", "up dx x", "up dx 9", "remove line 0", "sideways dx 1", "add claim"])
def test_a_step_that_cannot_be_taken_changes_nothing(do: str) -> None:
    assert edited(TWO, do)[0] == TWO


def test_the_last_row_leaves_one_to_type_in() -> None:
    draft, at = edited(
        Draft(diagnoses=(Diagnosis(code="I10"),), lines=(Line(code="99213", pointers="1"),)), "remove dx 1"
    )

    assert draft.diagnoses == (Diagnosis(),)
    assert draft.lines[0].pointers == ""
    assert at == "dx-1"


def test_there_are_no_more_rows_than_a_claim_has_places() -> None:
    full = Draft(diagnoses=tuple(Diagnosis(code=f"A0{n}") for n in range(DIAGNOSES_MAX)))

    assert edited(full, "add dx")[0] == full


def test_unreadable_pointers_stay_as_they_are_typed() -> None:
    draft, _ = edited(Draft(diagnoses=TWO.diagnoses, lines=(Line(code="99213", pointers="first"),)), "up dx 2")

    assert draft.lines[0].pointers == "first"


# -- what a draft means --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("1, 2", (1, 2)),
        ("1 2", (1, 2)),
        ("12", (12,)),
        ("ab", (1, 2)),
        ("A,L", (1, 12)),
        ("", ()),
        ("1-2", None),
        ("M", None),
    ],
)
def test_pointers_are_numbers_or_the_letters_of_the_paper_form(typed: str, numbers: tuple[int, ...] | None) -> None:
    assert pointed(typed) == numbers


@pytest.mark.parametrize(
    ("typed", "modifiers"),
    [("25 rt", ("25", "RT")), ("25RT", ("25", "RT")), ("25,", ("25",)), ("259", ("259",)), ("", ())],
)
def test_modifiers_may_stand_together(typed: str, modifiers: tuple[str, ...]) -> None:
    assert modifiers_of(typed) == modifiers


def test_empty_rows_count_for_nothing_and_pointers_count_without_them() -> None:
    gap = Draft(
        diagnoses=(Diagnosis(said="sore throat"), Diagnosis(code="M54.2")),
        lines=(Line(), Line(code="99213", pointers="2")),
    )

    read = meant(gap)

    assert (read.diagnoses, read.diagnosis_rows, read.line_rows) == (("M54.2",), (2,), (2,))
    assert read.lines[0].pointers == (1,)
    assert read.wrongs == ()


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (Line(code="office visit", pointers="1"), "code-1"),
        (Line(code="99213", units="two", pointers="1"), "units-1"),
        (Line(code="99213", units="", pointers="1"), "units-1"),
        (Line(code="99213", pointers="first"), "pointers-1"),
        (Line(code="99213", pointers="3"), "pointers-1"),
        (Line(code="99213", pointers="1", from_on="3/3/2026"), "from_on-1"),
    ],
)
def test_what_cannot_be_read_is_said_of_its_field(line: Line, field: str) -> None:
    (wrong,) = meant(Draft(diagnoses=TWO.diagnoses, lines=(line,))).wrongs

    assert wrong.field == field
    assert wrong.text.startswith("Line 1: ")


@pytest.mark.parametrize("words", ["essential hypert", "asthma", "type 2 diabetes"])
def test_words_that_somebody_looks_for_a_code_by_are_none_yet(words: str) -> None:
    searching = Draft(diagnoses=(Diagnosis(code=words), Diagnosis(code="I10")), lines=TWO.lines)

    assert meant(searching).wrongs[0].field == "dx-1"
    assert meant(readable(searching)).diagnoses == ("I10",)


# -- which row something is about ----------------------------------------------------------------------------------


def test_findings_stand_at_the_rows_that_they_are_about_though_empty_ones_stand_between() -> None:
    gaps = Draft(
        diagnoses=(Diagnosis(), Diagnosis(code="J02.9"), Diagnosis(code="L30.9")),
        lines=(Line(), Line(code="99213", pointers="2")),
    )
    diagnosis, line, whole = finding("diagnoses/2"), finding("lines/1/units", 1), finding("coverages/1")

    assert by_row([diagnosis, line, whole], meant(gaps)) == {"dx-3": [diagnosis], "line-2": [line], "": [whole]}


@pytest.mark.parametrize(
    ("slug", "draft", "field"),
    [
        ("no-diagnoses", Draft(lines=TWO.lines), "dx-1"),
        ("diagnosis-twice", Draft(diagnoses=(Diagnosis(code="I10"), Diagnosis(code="i10")), lines=TWO.lines), "dx-2"),
        ("not-a-diagnosis-code", Draft(diagnoses=(Diagnosis(), Diagnosis(code="J4"))), "dx-2"),
        ("no-lines", Draft(diagnoses=TWO.diagnoses), "code-1"),
        ("not-a-procedure-code", Draft(lines=(Line(code="99213"), Line(code="9921"))), "code-2"),
        ("not-a-modifier", Draft(lines=(Line(code="99213", modifiers="259"),)), "modifiers-1"),
        ("too-many-modifiers", Draft(lines=(Line(code="99213", modifiers="25 59 RT LT 76"),)), "modifiers-1"),
        ("pointers-wrong", Draft(diagnoses=TWO.diagnoses, lines=(*TWO.lines, Line(code="81002"))), "pointers-3"),
        ("code-set-not-loaded", TWO, ""),
    ],
)
def test_a_refusal_leads_to_the_field_that_it_is_about(slug: str, draft: Draft, field: str) -> None:
    assert culprit(slug, "a detail", meant(draft)) == field


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ("/diagnoses/1", "dx-3"),
        ("/lines/0/units", "units-2"),
        ("/lines/0/modifiers/1", "modifiers-2"),
        ("/lines/7", ""),
    ],
)
def test_a_place_that_coding_names_is_a_row_of_the_form(place: str, field: str) -> None:
    gaps = Draft(
        diagnoses=(Diagnosis(code="J02.9"), Diagnosis(), Diagnosis(code="L30.9")),
        lines=(Line(), Line(code="99213", pointers="1")),
    )

    assert culprit("malformed-request", f"mend the fields that `errors` points to ({place})", meant(gaps)) == field
