"""Ways to break an institutional claim."""

from typing import Final

from tests.unit.shared.x12.checks.bases import INSTITUTIONAL
from tests.unit.shared.x12.checks.broken import Broken, Mutation, register

MUTATIONS: Final[list[Mutation]] = []
finds = register(MUTATIONS, INSTITUTIONAL)


@finds("2-segment-missing", "HI*ABK")
def has_no_patient_status(file: Broken) -> None:
    file.drop("CL1*")


@finds("2-segment-missing", "NM1*71")
def has_no_principal_diagnosis(file: Broken) -> None:
    file.drop("HI*ABK")


@finds("2-code", "DTP*434", element="02")
def statement_has_one_day(file: Broken) -> None:
    file.lines[file.find("DTP*434")] = "DTP*434*D8*20260110"


@finds("2-segment-missing", "CL1*")
def has_no_statement_days(file: Broken) -> None:
    file.drop("DTP*434")


@finds("2-element-unused", "CLM*", element="06")
def has_a_signature(file: Broken) -> None:
    file.element("CLM*", 6, "Y")


@finds("2-code", "CLM*", element="05-2")
def facility_is_a_place_of_service(file: Broken) -> None:
    file.component("CLM*", 5, 2, "B")


@finds("4-patient-status", "CL1*", element="03")
def patient_status_is_zero(file: Broken) -> None:
    file.element("CL1*", 3, "00")


@finds("4-patient-status", "CL1*", element="03")
def patient_stays_and_the_bill_is_final(file: Broken) -> None:
    file.element("CL1*", 3, "30")


@finds("4-discharge-hour", "CLM*", element="05-3")
def interim_bill_has_a_discharge_hour(file: Broken) -> None:
    file.component("CLM*", 5, 3, "2")


@finds("4-admission", "CLM*", element="05-1")
def stay_has_no_admission(file: Broken) -> None:
    file.drop("DTP*435")


@finds("4-code-twice", "HI*BH", element="02-2")
def occurrence_comes_twice(file: Broken) -> None:
    file.component("HI*BH", 2, 2, "11")


@finds("4-hipps", "SV2*0120", element="02-2")
def rate_code_is_cut(file: Broken) -> None:
    file.element("SV2*0120", 2, "HP:AB")


@finds("3-charge", "CLM*", element="02")
def charge_is_not_the_sum_of_lines(file: Broken) -> None:
    file.element("CLM*", 2, "1400")


@finds("5-revenue-form", "SV2*120", element="01")
def revenue_code_has_three_digits(file: Broken) -> None:
    file.element("SV2*0120", 1, "120")


@finds("4-zip", "N4*", element="03")
def billing_zip_has_five_digits(file: Broken) -> None:
    file.element("N4*", 3, "33111")


@finds("2-code", "NM1*85", element="02")
def hospital_is_a_person(file: Broken) -> None:
    file.element("NM1*85", 2, "1")


@finds("2-segment-missing", "LX*2")
def line_has_no_service(file: Broken) -> None:
    file.drop("SV2*0120")


@finds("1-date", "HI*BH", element="01-4")
def occurrence_has_no_day(file: Broken) -> None:
    file.component("HI*BH", 1, 4, "20260199")


@finds("2-element-missing", "HI*BE", element="01-5")
def value_code_has_no_amount(file: Broken) -> None:
    file.element("HI*BE", 1, "BE:80")


@finds("4-future", "DTP*434", element="03")
def statement_begins_tomorrow(file: Broken) -> None:
    file.element("DTP*434", 3, "20260203-20260204")


@finds("5-bill-type", "CLM*", element="05-1")
def type_of_bill_is_a_place_of_service(file: Broken) -> None:
    file.component("CLM*", 5, 1, "90")


@finds("5-bill-type", "CLM*", element="05-3")
def frequency_is_of_no_bill(file: Broken) -> None:
    file.component("CLM*", 5, 3, "N")


@finds("5-admission", "CL1*", element="01")
def admission_has_an_unknown_type(file: Broken) -> None:
    file.element("CL1*", 1, "8")


@finds("5-admission", "CL1*", element="02")
def admission_has_an_unknown_source(file: Broken) -> None:
    file.element("CL1*", 2, "Z")


@finds("5-admission", "CL1*", element="03")
def patient_left_in_an_unknown_way(file: Broken) -> None:
    file.element("CL1*", 3, "99")


@finds("4-future", "DTP*435", element="03")
def admission_is_tomorrow(file: Broken) -> None:
    file.element("DTP*435", 3, "202602021030")
