"""The automatic rule of `services/coding/domain/coding_rule.py` as examples; every word of them is synthetic."""

from datetime import date

import pytest
from msgspec import structs

from services.coding.domain.coding_rule import REASONS, Coded, Reason, Stuck, is_procedure_code, read
from shared.events.coding import (
    CodedLine,
    Diagnosis,
    DocumentedCondition,
    DocumentedProcedure,
    EncounterDocumented,
)
from shared.kernel.erased import ERASED
from tests.unit.coding.documentation import DAY, VISIT, condition, procedure
from tests.unit.coding.tables import EDITION, ICD10CM


def line(line_no: int, code: str, pointers: tuple[int, ...]) -> CodedLine:
    return CodedLine(
        line_no=line_no,
        procedure_code=code,
        modifiers=(),
        units=1,
        pointers=pointers,
        service_from_on=DAY,
        service_to_on=DAY,
    )


def reasons(visit: EncounterDocumented) -> tuple[Reason, ...]:
    found = read(visit, ICD10CM)
    return found.reasons if isinstance(found, Stuck) else ()


def test_takes_codes_as_documented() -> None:
    assert read(VISIT, ICD10CM) == Coded(
        diagnoses=(Diagnosis(order=1, code="E119"), Diagnosis(order=2, code="I10")),
        lines=(line(1, "99213", (2, 1)), line(2, "G0008", (1,))),
        editions=(EDITION,),
        attribution="documented-codes",
    )


@pytest.mark.parametrize("words", ["Acute cough", "  acute   COUGH "])
def test_takes_the_one_code_whose_title_the_words_are(words: str) -> None:
    visit = structs.replace(VISIT, conditions=(condition(), condition("I10")), condition_texts=(words, ""))
    found = read(visit, ICD10CM)

    assert isinstance(found, Coded)
    assert (found.diagnoses[0].code, found.attribution) == ("R051", "exact-title")


def test_keeps_a_documented_code_and_never_reads_its_words() -> None:
    found = read(structs.replace(VISIT, condition_texts=("Acute cough", "Acute cough")), ICD10CM)

    assert isinstance(found, Coded)
    assert [each.code for each in found.diagnoses] == ["E119", "I10"]


def test_lists_a_diagnosis_once_and_moves_its_pointers() -> None:
    visit = structs.replace(
        VISIT,
        conditions=(condition("E119"), condition("E119"), condition("I10")),
        condition_texts=("", "", ""),
        procedures=(procedure("99213", pointers=(2, 3, 1)),),
    )
    found = read(visit, ICD10CM)

    assert isinstance(found, Coded)
    assert [each.code for each in found.diagnoses] == ["E119", "I10"]
    assert found.lines[0].pointers == (1, 2)


def test_lets_a_line_be_silent_only_about_a_single_diagnosis() -> None:
    silent = structs.replace(VISIT, procedures=(procedure("99213", pointers=()),))
    single = structs.replace(silent, conditions=(condition("E119"),), condition_texts=("",))
    found = read(single, ICD10CM)

    assert reasons(silent) == ("pointers-missing",)
    assert isinstance(found, Coded)
    assert found.lines[0].pointers == (1,)


def test_leaves_units_for_validation_to_judge() -> None:
    odd = structs.replace(procedure("99213"), units=0)
    found = read(structs.replace(VISIT, procedures=(odd,)), ICD10CM)

    assert isinstance(found, Coded)
    assert found.lines[0].units == 0


@pytest.mark.parametrize(
    ("on", "code", "expected"),
    [
        (date(2021, 9, 30), "R05", ()),
        (date(2021, 10, 1), "R05", ("diagnosis-not-billable",)),
        (date(2021, 9, 30), "R051", ("diagnosis-not-billable",)),
        (DAY, "J02", ("diagnosis-not-billable",)),
        (DAY, "Q999", ("diagnosis-not-billable",)),
        (date(2015, 9, 30), "E119", ("code-set-not-loaded",)),
        (date(2015, 10, 1), "E119", ()),
        (date(2027, 9, 30), "E119", ()),
        (date(2027, 10, 1), "E119", ("code-set-not-loaded",)),
        (date(1986, 5, 1), "E119", ("code-set-not-loaded",)),
    ],
)
def test_looks_codes_up_on_the_date_of_service(on: date, code: str, expected: tuple[str, ...]) -> None:
    visit = structs.replace(VISIT, service_from_on=on, service_to_on=on, conditions=(condition(code), condition("I10")))

    assert reasons(visit) == expected


@pytest.mark.parametrize(
    ("conditions", "texts", "expected"),
    [
        ((), (), ("no-diagnosis-code", "pointer-out-of-range")),
        ((condition("44054006", system="snomed"),), ("Diabetes mellitus type 2 (disorder)",), ("no-diagnosis-code",)),
        ((condition("44054006", system="snomed"),), ("Acute cough",), ()),
        ((condition(),), ("Acute",), ("no-diagnosis-code",)),
        ((condition(),), ("",), ("no-diagnosis-code",)),
        ((condition(),), ("Twice the same title",), ("ambiguous-title",)),
        ((condition("E119", "I10"),), ("",), ("ambiguous-code",)),
        ((condition("E119", "E119"),), ("",), ()),
        ((condition("E119"), condition()), ("", "no title"), ("no-diagnosis-code",)),
        (tuple(condition(f"Z{n:02d}") for n in range(13)), ("",) * 13, ("too-many-diagnoses",)),
        (tuple(condition(f"Z{n:02d}") for n in range(12)), ("",) * 12, ()),
    ],
)
def test_guesses_no_diagnosis(
    conditions: tuple[DocumentedCondition, ...], texts: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    visit = structs.replace(
        VISIT, conditions=conditions, condition_texts=texts, procedures=(procedure("99213", pointers=(1,)),)
    )

    assert reasons(visit) == expected


@pytest.mark.parametrize(
    ("procedures", "expected"),
    [
        ((), ("no-procedure-code",)),
        ((procedure("185349003", system="snomed"),), ("no-procedure-code",)),
        ((procedure("1234", system="cpt"),), ("no-procedure-code",)),
        ((procedure("D0120", system="hcpcs"),), ("no-procedure-code",)),
        ((procedure("99213", "99214"),), ("ambiguous-code",)),
        ((procedure("99213", "99213"),), ()),
        ((procedure("99213"),) * 50, ()),
        ((procedure("99213"),) * 51, ("too-many-lines",)),
        ((procedure("99213", pointers=(3,)),), ("pointer-out-of-range",)),
        ((procedure("99213", pointers=(0,)),), ("pointer-out-of-range",)),
        ((structs.replace(procedure("99213"), modifiers=("25",) * 5),), ("too-many-modifiers",)),
        ((structs.replace(procedure("99213"), service_on=date(2026, 3, 4)),), ("service-date-outside-visit",)),
        ((structs.replace(procedure("99213"), service_on=DAY),), ()),
    ],
)
def test_guesses_no_line(procedures: tuple[DocumentedProcedure, ...], expected: tuple[str, ...]) -> None:
    assert reasons(structs.replace(VISIT, procedures=procedures)) == expected


def test_stops_at_five_pointers() -> None:
    visit = structs.replace(
        VISIT,
        conditions=tuple(condition(f"Z{n:02d}") for n in range(6)),
        procedures=(procedure("99213", pointers=(1, 2, 3, 4, 5)),),
    )

    assert reasons(visit) == ("too-many-pointers",)


def test_needs_place_and_providers() -> None:
    assert reasons(structs.replace(VISIT, place_of_service=None)) == ("place-of-service-missing",)
    assert reasons(structs.replace(VISIT, rendering_provider_id=None)) == ("provider-missing",)
    assert reasons(structs.replace(VISIT, billing_provider_id=None)) == ("provider-missing",)


def test_names_every_reason_at_once_in_the_order_of_work() -> None:
    bare = structs.replace(
        VISIT, conditions=(condition(),), condition_texts=("?",), procedures=(), place_of_service=None
    )

    assert reasons(bare) == ("no-diagnosis-code", "no-procedure-code", "place-of-service-missing")
    assert list(reasons(bare)) == sorted(reasons(bare), key=REASONS.index)


def test_codes_nothing_without_a_table() -> None:
    assert read(VISIT, None) == Stuck(reasons=("code-set-not-loaded",))


def test_reads_no_words_of_an_erased_patient() -> None:
    erased = structs.replace(VISIT, condition_texts=ERASED, procedure_texts=ERASED, note=ERASED)

    assert isinstance(read(erased, ICD10CM), Coded)
    assert reasons(structs.replace(erased, conditions=(condition("E119"), condition()))) == ("no-diagnosis-code",)


@pytest.mark.parametrize("code", ["99213", "0001F", "G0008", "V2020"])
def test_takes_the_shape_of_cpt_and_hcpcs(code: str) -> None:
    assert is_procedure_code(code)


@pytest.mark.parametrize("code", ["D0120", "W0001", "992", "99213-25", "g0008", ""])
def test_takes_no_other_shape_for_a_procedure_code(code: str) -> None:
    assert not is_procedure_code(code)
