"""Ways to break envelopes and syntax, shown on a professional claim."""

from typing import Final

from tests.unit.shared.x12.checks.bases import ACKNOWLEDGEMENT, INSTITUTIONAL, INTERCHANGE_ANSWER, PROFESSIONAL
from tests.unit.shared.x12.checks.broken import Broken, Mutation, register

MUTATIONS: Final[list[Mutation]] = []
finds = register(MUTATIONS, PROFESSIONAL)
of_ta1 = register(MUTATIONS, INTERCHANGE_ANSWER)


@finds("1-count", "SE*", element="01")
def counts_segments_wrong(file: Broken) -> None:
    file.counts = False
    file.element("SE*", 1, "99")


@finds("1-count", "SE*", element="01")
def loses_a_segment_on_the_way(file: Broken) -> None:
    file.counts = False
    file.drop("REF*6R")


@finds("1-count", "GE*", element="01")
def counts_sets_wrong(file: Broken) -> None:
    file.element("GE*", 1, "2")


@finds("1-count", "IEA*", element="01")
def counts_groups_wrong(file: Broken) -> None:
    file.element("IEA*", 1, "2")


@finds("1-header", "ISA*", element="11")
def repeats_with_what_parts_a_composite(file: Broken) -> None:
    file.element("ISA*", 11, ":")


@finds("1-header", "ISA*", element="11")
def repeats_with_a_blank(file: Broken) -> None:
    file.element("ISA*", 11, " ")


@finds("1-control-number", "IEA*", element="02")
def closes_another_interchange(file: Broken) -> None:
    file.element("IEA*", 2, "000000002")


@finds("1-control-number", "GE*", element="02")
def closes_another_group(file: Broken) -> None:
    file.element("GE*", 2, "2")


@finds("1-control-number", "SE*", element="02")
def closes_another_set(file: Broken) -> None:
    file.element("SE*", 2, "0002")


@finds("1-envelope", "GE*")
def has_no_se(file: Broken) -> None:
    file.drop("SE*")


@finds("1-envelope", "IEA*")
def has_no_ge(file: Broken) -> None:
    file.drop("GE*")


@finds("1-envelope", "ST*")
def has_no_gs(file: Broken) -> None:
    file.drop("GS*")


@finds("1-envelope", "BHT*")
def has_no_st(file: Broken) -> None:
    file.drop("ST*")


@finds("7-set-number", "ST*", nth=2, element="02")
def numbers_two_sets_alike(file: Broken) -> None:
    begin, end = file.find("ST*"), file.find("SE*") + 1
    file.after("SE*", *file.lines[begin:end])
    file.element("GE*", 1, "2")


@finds("7-interchange-number", "ISA*", nth=2, element="13")
def sends_an_interchange_twice(file: Broken) -> None:
    file.lines += list(file.lines)


@finds("7-group-number", "GS*", nth=2, element="06")
def numbers_two_groups_alike(file: Broken) -> None:
    file.after("GE*", *file.lines[file.find("GS*") : file.find("GE*") + 1])
    file.element("IEA*", 1, "2")


@finds("1-header", "ISA*", element="12")
def says_version_4010(file: Broken) -> None:
    file.lines[0] = file.lines[0].replace("*00501*", "*00401*")


@finds("1-header", "ISA*", element="15")
def is_neither_test_nor_production(file: Broken) -> None:
    file.lines[0] = file.lines[0].replace("*T*:", "*X*:")


@finds("1-date", "ISA*", element="09")
def interchange_has_no_day(file: Broken) -> None:
    file.lines[0] = file.lines[0].replace("*260101*", "*261301*")


@finds("1-group-kinds", "GS*", nth=2, element="01")
def answers_travel_with_claims(file: Broken) -> None:
    file.after("GE*", "GS*FA*SENDER01*RECEIVER01*20260201*1200*2*X*005010X231A1", *ACKNOWLEDGEMENT[2:-1])
    file.element("GE*", 2, "2", nth=2)
    file.element("IEA*", 1, "2")


@finds("1-group-kinds", "GS*", nth=2, element="08")
def two_guides_travel_together(file: Broken) -> None:
    file.after("GE*", "GS*HC*SENDER01*RECEIVER01*20260201*1200*2*X*005010X223A2", *INSTITUTIONAL[2:-1])
    file.element("GE*", 2, "2", nth=2)
    file.element("IEA*", 1, "2")


@finds("1-date", "GS*", element="04")
def group_has_no_day(file: Broken) -> None:
    file.element("GS*", 4, "20260230")


@finds("1-header", "GS*", element="06")
def group_number_is_no_number(file: Broken) -> None:
    file.element("GS*", 6, "A1")
    file.element("GE*", 2, "A1")


@finds("2-functional-id", "ST*")
def group_is_of_another_kind(file: Broken) -> None:
    file.element("GS*", 1, "HP")


@finds("2-guide", "ST*")
def set_of_an_unknown_guide(file: Broken) -> None:
    file.element("ST*", 3, "005010X999")


@finds("1-unknown-segment", "ZZZ*")
def has_an_unknown_segment(file: Broken) -> None:
    file.after("HI*", "ZZZ*1")


@finds("1-too-long", "REF*EI", element="02")
def element_is_too_long(file: Broken) -> None:
    file.element("REF*EI", 2, "1" * 51)


@finds("1-too-short", "NM1*40", element="09")
def element_is_too_short(file: Broken) -> None:
    file.element("NM1*40", 9, "1")


@finds("1-number", "SV1*", element="02")
def amount_is_no_number(file: Broken) -> None:
    file.element("SV1*", 2, "ONE")


@finds("1-amount", "SV1*", element="02")
def amount_has_three_decimals(file: Broken) -> None:
    file.element("SV1*", 2, "100.005")


@finds("1-number", "LX*", element="01")
def line_number_is_no_number(file: Broken) -> None:
    file.element("LX*", 1, "A")


@finds("1-paired", "PER*", element="04")
def phone_qualifier_has_no_number(file: Broken) -> None:
    file.lines[file.find("PER*")] = "PER*IC*JANE DOE*TE"


@finds("1-paired", "NM1*40", element="09")
def id_qualifier_has_no_id(file: Broken) -> None:
    file.lines[file.find("NM1*40")] = "NM1*40*2*KEY INSURANCE*****46"


@finds("2-element-missing", "CAS*CO", element="03")
def first_reason_has_no_amount(file: Broken) -> None:
    file.lines[file.find("CAS*CO")] = "CAS*CO*45"


@finds("1-paired", "CAS*CO", element="06")
def later_reason_has_no_amount(file: Broken) -> None:
    file.lines[file.find("CAS*CO")] = "CAS*CO*45*30**253"


@finds("1-one-needed", "REF*EI", element="02")
def reference_has_neither_id_nor_text(file: Broken) -> None:
    file.lines[file.find("REF*EI")] = "REF*EI"


@finds("1-exclusive", "N4*", element="02")
def city_is_in_a_state_and_in_a_province(file: Broken) -> None:
    file.element("N4*", 7, "ON")


@finds("1-needs-other", "CAS*CO", element="05")
def number_of_units_has_no_reason(file: Broken) -> None:
    file.lines[file.find("CAS*CO")] = "CAS*CO*45*30****1"


@finds("1-too-many-elements", "LX*", element="02")
def has_too_many_elements(file: Broken) -> None:
    file.element("LX*", 2, "1")


@finds("1-too-many-components", "SV1*", element="01")
def has_too_many_components(file: Broken) -> None:
    file.element("SV1*", 1, "HC:99213:25:26:59:76:TEXT:A:B")


@finds("1-too-many-components", "N3*", element="01")
def text_has_a_component_separator(file: Broken) -> None:
    file.element("N3*", 1, "100: MAIN ST")


@finds("1-too-many-repeats", "N3*", element="01")
def text_has_a_repetition_separator(file: Broken) -> None:
    file.element("N3*", 1, "100^MAIN ST")


@finds("1-date", "DTP*472", element="03")
def service_day_is_no_day(file: Broken) -> None:
    file.element("DTP*472", 3, "20260230")


@finds("1-period", "DTP*472", element="03")
def service_ends_before_it_begins(file: Broken) -> None:
    file.element("DTP*472", 2, "RD8")
    file.element("DTP*472", 3, "20260115-20260114")


@finds("1-date", "DTP*472", element="03")
def service_begins_and_does_not_end(file: Broken) -> None:
    file.element("DTP*472", 2, "RD8")
    file.element("DTP*472", 3, "20260115-")


@finds("1-date", "DMG*", element="02")
def birth_day_is_no_day(file: Broken) -> None:
    file.element("DMG*", 2, "19700532")


@finds("1-time", "BHT*", element="05")
def time_is_no_time(file: Broken) -> None:
    file.element("BHT*", 5, "2561")


@finds("1-character", "NM1*85", element="03")
def name_has_an_accent(file: Broken) -> None:
    file.element("NM1*85", 3, "CLÍNICA ACME")


@finds("1-blank", "N3*", element="01")
def element_is_blank(file: Broken) -> None:
    file.lines[file.find("N3*")] = "N3*  *SUITE 1"


@finds("1-padded", "NM1*IL", element="03")
def name_is_padded(file: Broken) -> None:
    file.element("NM1*IL", 3, "DOE  ")


@finds("1-empty-tail", "N3*")
def segment_ends_with_a_separator(file: Broken) -> None:
    file.lines[file.find("N3*")] += "*"


@finds("1-blank-before", "  N3*")
def segment_is_indented(file: Broken) -> None:
    file.lines[file.find("N3*")] = "  " + file.lines[file.find("N3*")]


@finds("1-level-parent", "HL*2", element="02")
def level_has_an_unknown_parent(file: Broken) -> None:
    file.element("HL*2", 2, "9")


@finds("1-level-number", "HL*9", element="01")
def levels_have_a_gap(file: Broken) -> None:
    file.element("HL*3", 1, "9")
    file.element("HL*4", 2, "9")


@finds("1-level-children", "HL*1", element="04")
def level_denies_its_children(file: Broken) -> None:
    file.element("HL*1", 4, "0")


@finds("1-line-number", "LX*3", element="01")
def lines_have_a_gap(file: Broken) -> None:
    file.element("LX*2", 1, "3")


@of_ta1("2-code", "TA1*", element="04")
def interchange_answer_has_no_verdict(file: Broken) -> None:
    file.element("TA1*", 4, "Z")


@of_ta1("4-verdict", "TA1*", element="05")
def interchange_is_rejected_without_reason(file: Broken) -> None:
    file.element("TA1*", 4, "R")


@of_ta1("1-too-short", "TA1*", element="01")
def interchange_answer_names_no_interchange(file: Broken) -> None:
    file.element("TA1*", 1, "7")
