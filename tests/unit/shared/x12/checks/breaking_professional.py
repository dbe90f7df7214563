"""Ways to break a professional claim against its guide, its sums and its situations."""

from typing import Final

from tests.unit.shared.x12.checks.bases import PROFESSIONAL
from tests.unit.shared.x12.checks.broken import Broken, Mutation, register

MUTATIONS: Final[list[Mutation]] = []
finds = register(MUTATIONS, PROFESSIONAL)


@finds("2-loop-missing", "HL*2")
def has_no_billing_provider(file: Broken) -> None:
    file.drop("NM1*85", count=4)


@finds("2-loop-missing", "CLM*")
def has_no_payer(file: Broken) -> None:
    file.drop("NM1*PR")


@finds("2-loop-missing", "HL*3")
def has_no_lines(file: Broken) -> None:
    file.drop("LX*", count=8)


@finds("2-segment-missing", "N4*")
def provider_has_no_street(file: Broken) -> None:
    file.drop("N3*")


@finds("2-segment-missing", "HL*2")
def provider_has_no_tax_id(file: Broken) -> None:
    file.drop("REF*EI")


@finds("2-segment-missing", "NM1*82")
def claim_has_no_diagnosis(file: Broken) -> None:
    file.drop("HI*")


@finds("2-segment-missing", "DTP*472")
def line_has_no_service(file: Broken) -> None:
    file.drop("SV1*")


@finds("2-segment-missing", "REF*6R")
def line_has_no_day(file: Broken) -> None:
    file.drop("DTP*472")


@finds("2-segment-missing", "NM1*40")
def submitter_has_no_contact(file: Broken) -> None:
    file.drop("PER*")


@finds("2-order", "REF*G1")
def reference_comes_too_late(file: Broken) -> None:
    file.after("HI*", "REF*G1*AUTH1")


@finds("2-order", "N3*")
def street_comes_after_the_city(file: Broken) -> None:
    file.move("N3*", "N4*")


@finds("2-segment-repeats", "HI*", nth=2)
def diagnoses_come_twice(file: Broken) -> None:
    file.after("HI*", "HI*ABK:R51")


@finds("2-segment-repeats", "REF*G1", nth=2)
def authorization_comes_twice(file: Broken) -> None:
    file.before("HI*", "REF*G1*AUTH1", "REF*G1*AUTH2")


@finds("2-loop-repeats", "NM1*82", nth=2)
def rendering_provider_comes_twice(file: Broken) -> None:
    file.before("NM1*77", "NM1*82*1*JONES*ANN****XX*1234567893")


@finds("2-loop-repeats", "LX*51")
def has_fifty_one_lines(file: Broken) -> None:
    lines = [
        line
        for number in range(3, 52)
        for line in (f"LX*{number}", "SV1*HC:36415*0*UN*1***1", "DTP*472*D8*20260115", f"REF*6R*L{number}")
    ]
    file.after("REF*6R*L2", *lines)


@finds("2-code", "CLM*", element="07")
def assignment_is_no_code(file: Broken) -> None:
    file.element("CLM*", 7, "Z")


@finds("2-code", "SBR*", element="01")
def payer_order_is_no_code(file: Broken) -> None:
    file.element("SBR*", 1, "X")


@finds("2-code", "SBR*", element="09")
def filing_is_no_code(file: Broken) -> None:
    file.element("SBR*", 9, "99")


@finds("2-qualifier", "NM1*86", element="01")
def provider_has_an_unknown_role(file: Broken) -> None:
    file.element("NM1*85", 1, "86")


@finds("2-code", "NM1*IL", element="08")
def member_id_has_a_wrong_qualifier(file: Broken) -> None:
    file.element("NM1*IL", 8, "XX")


@finds("2-code", "SV1*", element="01-1")
def procedure_has_a_wrong_qualifier(file: Broken) -> None:
    file.component("SV1*", 1, 1, "ZZ")


@finds("2-qualifier", "HI*", element="01-1")
def diagnosis_has_a_wrong_qualifier(file: Broken) -> None:
    file.component("HI*", 1, 1, "ZZ")


@finds("2-code", "HI*", element="02-1")
def second_diagnosis_has_a_wrong_qualifier(file: Broken) -> None:
    file.component("HI*", 2, 1, "BN")


@finds("2-element-unused", "CLM*", element="03")
def has_an_element_that_is_not_used(file: Broken) -> None:
    file.element("CLM*", 3, "AB")


@finds("2-element-missing", "CLM*", element="02")
def claim_has_no_charge(file: Broken) -> None:
    file.element("CLM*", 2, "")


@finds("2-element-missing", "CLM*", element="05-3")
def claim_has_no_frequency(file: Broken) -> None:
    file.element("CLM*", 5, "11:B")


@finds("2-segment-unexpected", "PLB*")
def has_a_segment_of_another_set(file: Broken) -> None:
    file.before("SE*", "PLB*1234567893*20261231*WO*5")


@finds("2-segment-unexpected", "N3*", nth=3)
def claim_has_an_address(file: Broken) -> None:
    file.before("HI*", "N3*1 ELM ST")


@finds("4-zip", "N4*", element="03")
def billing_zip_has_five_digits(file: Broken) -> None:
    file.element("N4*", 3, "33111")


@finds("4-zip", "N4*MIAMI", nth=2, element="03")
def facility_zip_has_five_digits(file: Broken) -> None:
    file.element("N4*MIAMI", 3, "33111", nth=2)


@finds("4-zip-form", "N4*TAMPA", element="03")
def zip_has_seven_digits(file: Broken) -> None:
    file.element("N4*TAMPA", 3, "3311101")


@finds("4-po-box", "N3*", element="01")
def provider_lives_in_a_box(file: Broken) -> None:
    file.element("N3*", 1, "P.O. BOX 12")


@finds("4-tax-id", "REF*EI", element="02")
def tax_id_has_a_dash(file: Broken) -> None:
    file.element("REF*EI", 2, "58-7654321")


@finds("4-phone", "PER*", element="04")
def phone_has_seven_digits(file: Broken) -> None:
    file.element("PER*", 4, "5551234")


@finds("3-charge", "CLM*", element="02")
def charge_is_not_the_sum_of_lines(file: Broken) -> None:
    file.element("CLM*", 2, "149.99")


@finds("4-no-charge", "CLM*", element="02")
def claim_costs_nothing(file: Broken) -> None:
    file.element("CLM*", 2, "0")


@finds("4-negative", "SV1*", element="02")
def line_costs_less_than_nothing(file: Broken) -> None:
    file.element("SV1*", 2, "-100")


@finds("4-units", "SV1*", element="04")
def line_has_no_units(file: Broken) -> None:
    file.element("SV1*", 4, "0")


@finds("4-claim-number", "CLM*", element="01")
def claim_number_is_too_long(file: Broken) -> None:
    file.element("CLM*", 1, "C" * 21)


@finds("4-claim-number-long", "CLM*", element="01")
def claim_number_may_be_cut(file: Broken) -> None:
    file.element("CLM*", 1, "C" * 18)


@finds("4-reserved", "CLM*", element="01")
def claim_number_has_a_reserved_character(file: Broken) -> None:
    file.element("CLM*", 1, "CLM>1")


@finds("7-claim-number", "CLM*", nth=2, element="01")
def two_claims_share_a_number(file: Broken) -> None:
    file.element("CLM*", 1, "CLM0001", nth=2)


@finds("1-too-long", "REF*6R", element="02")
def line_control_number_is_too_long(file: Broken) -> None:
    file.element("REF*6R", 2, "L" * 31)


@finds("4-line-number-twice", "REF*6R*L1", nth=2, element="02")
def two_lines_share_a_control_number(file: Broken) -> None:
    file.element("REF*6R*L2", 2, "L1")


@finds("4-frequency", "CLM*", element="05-3")
def frequency_is_of_a_hospital(file: Broken) -> None:
    file.component("CLM*", 5, 3, "2")


@finds("4-original-number-missing", "CLM*", nth=2, element="05-3")
def replacement_does_not_say_of_what(file: Broken) -> None:
    file.drop("REF*F8")


@finds("4-original-number", "REF*F8")
def original_names_a_payers_number(file: Broken) -> None:
    file.component("CLM*", 5, 3, "1", nth=2)


@finds("4-no-other-payer", "SBR*S", element="01")
def second_payer_sees_no_first(file: Broken) -> None:
    file.drop("SBR*P*19", count=5)


@finds("4-no-other-payer", "SBR*S", element="01")
def second_payer_sees_only_a_later_one(file: Broken) -> None:
    file.element("SBR*P*19", 1, "T")


@finds("4-self", "NM1*IL")
def subscriber_has_no_birth_day(file: Broken) -> None:
    file.drop("DMG*")


@finds("4-self-and-patient", "HL*4")
def subscriber_is_the_patient_and_is_not(file: Broken) -> None:
    file.element("SBR*S", 2, "18")


@finds("4-no-patient", "SBR*", element="02")
def subscriber_is_not_the_patient_and_nobody_is(file: Broken) -> None:
    file.element("SBR*", 2, "")


@finds("4-no-claim", "HL*2")
def subscriber_has_no_claim(file: Broken) -> None:
    file.drop("CLM*", count=15)


@finds("4-member", "NM1*IL", element="09")
def member_has_no_id(file: Broken) -> None:
    file.lines[file.find("NM1*IL")] = "NM1*IL*1*DOE*JOHN"


@finds("4-group-name", "SBR*P*18", element="04")
def group_of_the_insured_has_a_name_besides(file: Broken) -> None:
    file.element("SBR*P*18", 4, "LOCAL ONE")


@finds("4-group-name", "SBR*P*19", element="04")
def group_of_the_other_insured_has_a_name_besides(file: Broken) -> None:
    file.element("SBR*P*19", 4, "LOCAL ONE")


@finds("4-claim-number-blank", "CLM*", element="01")
def claim_number_has_a_blank_inside(file: Broken) -> None:
    file.element("CLM*", 1, "CLM 0001")


@finds("4-claim-number-blank", "CLM*", element="01")
def claim_number_begins_with_a_blank(file: Broken) -> None:
    file.element("CLM*", 1, " CLM0001")


@finds("4-pointer", "SV1*", element="07-2")
def points_beyond_the_diagnoses(file: Broken) -> None:
    file.element("SV1*", 7, "1:3")


@finds("4-pointer-twice", "SV1*", element="07-2")
def points_twice_to_one(file: Broken) -> None:
    file.element("SV1*", 7, "1:1")


@finds("4-diagnosis-twice", "HI*", element="02-2")
def diagnosis_comes_twice(file: Broken) -> None:
    file.component("HI*", 2, 2, "E119")


@finds("4-rendering", "CLM*", element="05-1")
def group_names_no_person(file: Broken) -> None:
    file.drop("NM1*82", count=2)


@finds("4-payer-order-twice", "SBR*S", nth=2, element="01")
def two_payers_are_second(file: Broken) -> None:
    file.element("SBR*P*19", 1, "S")


@finds("4-not-decided", "SBR*P*19", element="01")
def first_payer_has_not_decided(file: Broken) -> None:
    file.drop("SVD*", count=4)
    file.drop("AMT*D")


@finds("4-decided-on-missing", "AMT*D")
def nobody_says_when_the_first_payer_decided(file: Broken) -> None:
    file.drop("SVD*", count=4)


@finds("4-decided-on-twice", "DTP*573")
def says_twice_when_the_first_payer_decided(file: Broken) -> None:
    file.after("NM1*PR*2*FIRST", "DTP*573*D8*20260120")


@finds("4-other-payer", "SVD*", element="01")
def line_was_decided_by_a_stranger(file: Broken) -> None:
    file.element("SVD*", 1, "22222")


@finds("3-other-payer-line", "SVD*", element="02")
def first_payers_line_does_not_add_up(file: Broken) -> None:
    file.element("CAS*CO", 3, "29")


@finds("3-other-payer-claim", "AMT*D", element="02")
def first_payers_claim_does_not_add_up(file: Broken) -> None:
    file.element("AMT*D", 2, "149")


@finds("4-accident", "CLM*", element="11")
def accident_has_no_day(file: Broken) -> None:
    file.element("CLM*", 11, "OA")


@finds("4-accident", "CLM*", element="11-4")
def car_accident_has_no_state(file: Broken) -> None:
    file.element("CLM*", 11, "AA")
    file.after("CLM*", "DTP*439*D8*20260110")


@finds("4-other-description", "SV1*", element="01-7")
def unlisted_drug_is_not_described(file: Broken) -> None:
    file.element("SV1*", 1, "HC:J3490")


@finds("4-future", "DTP*472", element="03")
def service_is_tomorrow(file: Broken) -> None:
    file.element("DTP*472", 3, "20260202")


@finds("4-birth", "DMG*", element="02")
def patient_is_not_born_yet(file: Broken) -> None:
    file.element("DMG*", 2, "20270101")


@finds("4-name", "NM1*85", element="04")
def organisation_has_a_first_name(file: Broken) -> None:
    file.element("NM1*85", 4, "JOE")


@finds("5-npi", "NM1*85", element="09")
def npi_has_a_wrong_digit(file: Broken) -> None:
    file.element("NM1*85", 9, "1234567890")


@finds("5-state", "N4*", element="02")
def provider_lives_in_no_state(file: Broken) -> None:
    file.element("N4*", 2, "ZZ")


@finds("5-state", "N4*TAMPA", element="02")
def subscriber_lives_in_no_state(file: Broken) -> None:
    file.element("N4*TAMPA", 2, "ZZ")


@finds("5-place-of-service", "CLM*", element="05-1")
def place_of_service_is_none(file: Broken) -> None:
    file.component("CLM*", 5, 1, "98")


@finds("5-place-of-service", "SV1*", element="05")
def place_of_service_of_a_line_is_none(file: Broken) -> None:
    file.element("SV1*", 5, "98")


@finds("5-diagnosis-form", "HI*", element="01-2")
def diagnosis_has_a_point(file: Broken) -> None:
    file.component("HI*", 1, 2, "E11.9")


@finds("5-procedure-form", "SV1*", element="01-2")
def procedure_has_four_digits(file: Broken) -> None:
    file.component("SV1*", 1, 2, "9921")


@finds("5-taxonomy-form", "PRV*BI", element="03")
def taxonomy_is_cut(file: Broken) -> None:
    file.element("PRV*BI", 3, "207Q0000X")


@finds("4-remaining-twice", "AMT*EAF")
def says_twice_what_is_left_to_pay(file: Broken) -> None:
    file.after("AMT*D", "AMT*EAF*20")
    file.after("DTP*573", "AMT*EAF*20")


@finds("4-negative-paid", "SVD*", element="02")
def first_payer_took_money_back(file: Broken) -> None:
    file.element("SVD*", 2, "-150")


@finds("4-payer-twice", "NM1*PR*2*FIRST", nth=2, element="09")
def two_payers_share_an_id(file: Broken) -> None:
    first, last = file.find("SBR*P*19"), file.find("NM1*PR*2*FIRST")
    again = file.lines[first : last + 1]
    file.after("NM1*PR*2*FIRST", "SBR*T*19*GRP0004******CI", *again[1:])


@finds("3-other-payer-claim", "AMT*D", element="02")
def nothing_says_why_the_first_payer_paid_less(file: Broken) -> None:
    file.drop("SVD*", count=4)
    file.after("NM1*PR*2*FIRST", "DTP*573*D8*20260120")


@finds("1-paired", "CAS*PR", element="06")
def reason_has_no_amount(file: Broken) -> None:
    file.element("CAS*PR", 5, "3")


@finds("4-reserved", "REF*6R*L>2", element="02")
def line_number_has_a_reserved_character(file: Broken) -> None:
    file.element("REF*6R*L2", 2, "L>2")


@finds("4-reserved", "NM1*IL", element="09")
def member_id_has_a_reserved_character(file: Broken) -> None:
    file.element("NM1*IL", 9, "MBR|1")


@finds("4-name-form", "NM1*IL", element="03")
def member_has_a_number_for_a_name(file: Broken) -> None:
    file.element("NM1*IL", 3, "12345")


@finds("4-po-box", "N3*", element="02")
def provider_has_a_box_in_the_second_line(file: Broken) -> None:
    file.element("N3*", 2, "PO BOX 12")


@finds("4-tax-id", "REF*SY", element="02")
def social_security_number_has_eight_digits(file: Broken) -> None:
    file.after("DMG*", "REF*SY*12345678")


@finds("4-future", "DTP*573", element="03")
def first_payer_decided_tomorrow(file: Broken) -> None:
    file.element("DTP*573", 3, "20260202")


@finds("4-set-size", "CLM*C5001")
def set_has_too_many_claims(file: Broken) -> None:
    subscriber = file.lines[file.find("SBR*") : file.find("CLM*")]
    claim = ("HI*ABK:E119", "LX*1", "SV1*HC:99213*1*UN*1***1", "DTP*472*D8*20260115")
    more: list[str] = []
    for number in range(3, 5_002):
        if number % 100 == 3:  # a subscriber has at most a hundred claims
            more += (f"HL*{5 + number // 100}*1*22*0", *subscriber)
        more += (f"CLM*C{number}*1***12:B:1*Y*A*Y*Y", *claim)
    file.before("SE*", *more)
