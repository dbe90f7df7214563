"""Ways to break a remittance and an acknowledgement."""

from typing import Final

from tests.unit.shared.x12.checks.bases import ACKNOWLEDGEMENT, REMITTANCE
from tests.unit.shared.x12.checks.broken import Broken, Mutation, register

MUTATIONS: Final[list[Mutation]] = []
finds = register(MUTATIONS, REMITTANCE)
of_answer = register(MUTATIONS, ACKNOWLEDGEMENT)


@finds("2-segment-missing", "DTM*405")
def has_no_trace(file: Broken) -> None:
    file.drop("TRN*")


@finds("2-loop-missing", "LX*")
def has_no_payee(file: Broken) -> None:
    file.drop("N1*PE", count=2)


@finds("2-loop-missing", "LX*")
def has_no_payer(file: Broken) -> None:
    file.drop("N1*PR", count=4)


@finds("2-segment-missing", "N1*PE")
def has_no_technical_contact(file: Broken) -> None:
    file.drop("PER*BL")


@finds("2-segment-missing", "DTM*232")
def claim_has_no_patient(file: Broken) -> None:
    file.drop("NM1*QC")


@finds("2-code", "CLP*", element="02")
def claim_status_is_none(file: Broken) -> None:
    file.element("CLP*", 2, "99")


@finds("2-code", "CLP*", element="06")
def filing_is_none(file: Broken) -> None:
    file.element("CLP*", 6, "99")


@finds("2-code", "CAS*", element="01")
def adjustment_group_is_none(file: Broken) -> None:
    file.element("CAS*", 1, "CR")


@finds("2-code", "SVC*", element="01-1")
def procedure_has_a_wrong_qualifier(file: Broken) -> None:
    file.component("SVC*", 1, 1, "ZZ")


@finds("2-code", "PLB*", element="03-1")
def provider_adjustment_has_no_reason(file: Broken) -> None:
    file.component("PLB*", 3, 1, "ZZ")


@finds("1-date", "BPR*", element="16")
def payment_has_no_day(file: Broken) -> None:
    file.element("BPR*", 16, "20261301")


@finds("2-element-missing", "BPR*", element="16")
def payment_day_is_left_out(file: Broken) -> None:
    file.lines[file.find("BPR*")] = file.lines[file.find("BPR*")].removesuffix("*20260215")


@finds("3-claim", "CLP*", element="04")
def claim_does_not_add_up(file: Broken) -> None:
    file.element("CLP*", 4, "109.99")


@finds("3-line", "SVC*", element="03")
def line_does_not_add_up(file: Broken) -> None:
    file.element("SVC*", 3, "71")


@finds("3-line", "SVC*", nth=2, element="03")
def adjustment_of_a_line_is_wrong(file: Broken) -> None:
    file.element("CAS*CO*45*4", 3, "5")


@finds("3-payment", "BPR*", element="02")
def payment_is_not_the_sum_of_claims(file: Broken) -> None:
    file.element("BPR*", 2, "270.01")


@finds("3-payment", "BPR*", element="02")
def provider_adjustment_is_not_in_the_sum(file: Broken) -> None:
    file.element("PLB*", 4, "5")


@finds("3-negative-payment", "BPR*", element="02")
def payment_is_negative(file: Broken) -> None:
    file.element("BPR*", 2, "-270")


@finds("3-patient-share", "CLP*", element="05")
def patients_share_is_not_the_sum(file: Broken) -> None:
    file.element("CLP*", 5, "11")


@finds("2-element-missing", "CAS*CO", element="03")
def first_reason_has_no_amount(file: Broken) -> None:
    file.lines[file.find("CAS*CO")] = "CAS*CO*45"


@finds("1-paired", "CAS*CO*45*10", element="06")
def later_reason_has_no_amount(file: Broken) -> None:
    file.lines[file.find("CAS*CO*45*4")] = "CAS*CO*45*10**253"


@finds("4-interest", "PLB*")
def interest_is_another(file: Broken) -> None:
    file.element("AMT*I", 2, "6")


@finds("4-transfer", "BPR*", element="06")
def transfer_names_no_account(file: Broken) -> None:
    file.element("BPR*", 6, "")
    file.element("BPR*", 7, "")


@finds("4-correction-first", "CLP*CLM0001*22", element="02")
def reversal_comes_after_its_correction(file: Broken) -> None:
    file.before("PLB*", "CLP*CLM0001*22*-150*-110**12*ICN0001*11*1", "CAS*CO*45*-40", "NM1*QC*1*DOE*JOHN")
    file.element("BPR*", 2, "160")


@finds("4-professional-lines", "CLP*")
def professional_claim_has_no_lines(file: Broken) -> None:
    file.element("CLP*", 8, "02")
    file.drop("SVC*", count=9)
    file.after("CLP*", "CAS*CO*45*40")


@finds("5-npi", "N1*PE", element="04")
def payee_npi_has_a_wrong_digit(file: Broken) -> None:
    file.element("N1*PE", 4, "1234567890")


@finds("7-payment", "TRN*", nth=2, element="02")
def payment_comes_twice(file: Broken) -> None:
    again = file.lines[file.find("ST*") : file.find("SE*") + 1]
    file.after("SE*", *[line.replace("*0001", "*0002") if line[:2] in {"ST", "SE"} else line for line in again])
    file.element("GE*", 1, "2")


@finds("2-order", "NM1*QC")
def patient_comes_after_the_dates(file: Broken) -> None:
    file.move("NM1*QC", "DTM*232")


@of_answer("2-segment-missing", "SE*")
def answer_has_no_verdict_on_the_group(file: Broken) -> None:
    file.drop("AK9*")


@of_answer("2-segment-missing", "AK2*", nth=2)
def answer_has_no_verdict_on_a_set(file: Broken) -> None:
    file.drop("IK5*A")


@of_answer("2-code", "IK5*", element="01")
def verdict_is_no_code(file: Broken) -> None:
    file.element("IK5*", 1, "Q")


@of_answer("4-rejection-reason", "IK5*R", element="02")
def set_is_rejected_without_reason(file: Broken) -> None:
    file.lines[file.find("IK5*R")] = "IK5*R"


@of_answer("3-counts", "AK9*", element="04")
def accepted_sets_are_counted_wrong(file: Broken) -> None:
    file.element("AK9*", 4, "2")


@of_answer("3-counts", "AK9*", element="03")
def received_sets_are_fewer_than_answered(file: Broken) -> None:
    file.element("AK9*", 2, "1")
    file.element("AK9*", 3, "1")


@of_answer("3-counts", "AK9*", element="02")
def a_set_was_lost_and_nobody_says_so(file: Broken) -> None:
    file.element("AK9*", 2, "3")


@of_answer("4-verdict", "AK9*", element="01")
def group_is_accepted_though_a_set_is_not(file: Broken) -> None:
    file.element("AK9*", 1, "A")


@of_answer("2-code", "IK3*", element="04")
def segment_fault_is_no_code(file: Broken) -> None:
    file.element("IK3*", 4, "99")


@of_answer("2-element-missing", "IK4*", element="03")
def element_fault_has_no_code(file: Broken) -> None:
    file.lines[file.find("IK4*")] = "IK4*7*1359"


@of_answer("2-segment-missing", "AK2*")
def answer_names_no_group(file: Broken) -> None:
    file.drop("AK1*")


@finds("4-tax-id", "REF*TJ", element="02")
def tax_id_of_the_payee_has_a_dash(file: Broken) -> None:
    file.element("REF*TJ", 2, "58-7654321")
