"""Ways to break questions and answers on eligibility and status, and acknowledgements of claims."""

from typing import Final

from tests.unit.shared.x12.checks.bases import (
    ANSWER,
    CLAIM_ACKNOWLEDGEMENT,
    QUESTION,
    STATUS_ANSWER,
    STATUS_QUESTION,
)
from tests.unit.shared.x12.checks.broken import Broken, Mutation, register

MUTATIONS: Final[list[Mutation]] = []
of_270 = register(MUTATIONS, QUESTION)
of_271 = register(MUTATIONS, ANSWER)
of_276 = register(MUTATIONS, STATUS_QUESTION)
of_277 = register(MUTATIONS, STATUS_ANSWER)
of_277ca = register(MUTATIONS, CLAIM_ACKNOWLEDGEMENT)


@of_270("1-count", "SE*", element="01")
def question_counts_segments_wrong(file: Broken) -> None:
    file.counts = False
    file.element("SE*", 1, "99")


@of_270("2-loop-missing", "HL*2")
def question_names_no_payer(file: Broken) -> None:
    file.drop("NM1*PR")


@of_270("2-loop-missing", "SE*")
def question_names_no_subscriber(file: Broken) -> None:
    file.drop("NM1*IL", count=4)


@of_270("1-level-parent", "HL*3", element="02")
def question_has_an_unknown_parent(file: Broken) -> None:
    file.element("HL*3", 2, "7")


@of_270("2-qualifier", "HL*3", element="03")
def question_has_an_unknown_level(file: Broken) -> None:
    file.element("HL*3", 3, "29")


@of_270("2-code", "EQ*", element="01")
def question_is_of_no_service(file: Broken) -> None:
    file.element("EQ*", 1, "ZZ")


@of_270("2-code", "NM1*1P", element="08")
def provider_has_a_wrong_qualifier(file: Broken) -> None:
    file.element("NM1*1P", 8, "QQ")


@of_270("1-date", "DTP*291", element="03")
def question_is_of_no_day(file: Broken) -> None:
    file.element("DTP*291", 3, "20260231")


@of_270("2-code", "BHT*", element="02")
def question_has_no_purpose(file: Broken) -> None:
    file.element("BHT*", 2, "99")


@of_270("4-inquiry-name", "NM1*IL", element="03")
def nobody_is_asked_about(file: Broken) -> None:
    file.lines[file.find("NM1*IL")] = "NM1*IL*1"


@of_270("5-npi", "NM1*1P", element="09")
def asking_provider_has_a_wrong_npi(file: Broken) -> None:
    file.element("NM1*1P", 9, "1234567890")


@of_271("2-code", "EB*", element="01")
def benefit_is_no_code(file: Broken) -> None:
    file.element("EB*", 1, "ZZ")


@of_271("2-code", "EB*C", element="03")
def benefit_is_of_no_service(file: Broken) -> None:
    file.element("EB*C", 3, "98^XX")


@of_271("2-loop-missing", "HL*2")
def answer_names_no_payer(file: Broken) -> None:
    file.drop("NM1*PR")


@of_271("4-no-benefit", "HL*3")
def answer_says_nothing(file: Broken) -> None:
    file.drop("EB*", count=6)


@of_271("2-code", "AAA*", element="03")
def refusal_has_no_reason(file: Broken) -> None:
    file.before("DMG*", "AAA*N**ZZ*C")


@of_271("1-paired", "EB*C", element="10")
def quantity_has_no_number(file: Broken) -> None:
    file.element("EB*C", 9, "VS")


@of_271("2-qualifier", "NM1*Q9", element="01")
def related_party_has_no_role(file: Broken) -> None:
    file.element("NM1*P3", 1, "Q9")


@of_276("2-loop-missing", "HL*2")
def status_question_names_no_payer(file: Broken) -> None:
    file.drop("NM1*PR")


@of_276("2-segment-unexpected", "REF*EJ")
def status_question_has_no_trace(file: Broken) -> None:
    file.drop("TRN*")


@of_276("2-code", "NM1*1P", element="08")
def status_provider_has_a_wrong_qualifier(file: Broken) -> None:
    file.element("NM1*1P", 8, "PI")


@of_276("1-count", "SE*", element="01")
def status_question_counts_wrong(file: Broken) -> None:
    file.counts = False
    file.element("SE*", 1, "3")


@of_276("1-date", "DTP*472", element="03")
def status_is_of_no_day(file: Broken) -> None:
    file.element("DTP*472", 3, "20261332")


@of_277("5-status-category", "STC*", element="01-1")
def status_has_no_category(file: Broken) -> None:
    file.component("STC*", 1, 1, "Z9")


@of_277("2-segment-missing", "REF*1K")
def claim_has_no_status(file: Broken) -> None:
    file.drop("STC*")


@of_277("4-trace", "HL*4")
def status_answers_nothing(file: Broken) -> None:
    file.drop("TRN*", count=7)


@of_277("2-code", "BHT*", element="06")
def status_answer_is_of_no_kind(file: Broken) -> None:
    file.element("BHT*", 6, "TH")


@of_277("4-negative", "STC*", element="05")
def claim_is_paid_less_than_nothing(file: Broken) -> None:
    file.element("STC*", 5, "-110")


@of_277ca("2-segment-missing", "HL*2")
def acknowledgement_has_no_receipt_day(file: Broken) -> None:
    file.drop("DTP*050")


@of_277ca("4-rejection-reason", "STC*A7", element="01-2")
def rejected_claim_has_no_status(file: Broken) -> None:
    file.element("STC*A7", 1, "A7::85")


@of_277ca("4-status-action", "STC*A7", element="03")
def rejected_claim_is_accepted(file: Broken) -> None:
    file.element("STC*A7", 3, "WQ")


@of_277ca("2-code", "STC*A7", element="03")
def verdict_on_a_claim_is_no_code(file: Broken) -> None:
    file.element("STC*A7", 3, "Z")


@of_277ca("2-segment-missing", "REF*1K")
def acknowledged_claim_has_no_status(file: Broken) -> None:
    file.drop("STC*A2")


@of_277ca("2-loop-missing", "HL*4")
def acknowledgement_names_no_provider(file: Broken) -> None:
    file.drop("NM1*85")


@of_271("1-period", "MPI*", element="07")
def service_in_the_forces_runs_backwards(file: Broken) -> None:
    file.after("DMG*", "MPI*C*AO*A**C9*RD8*20260131-20260101")
