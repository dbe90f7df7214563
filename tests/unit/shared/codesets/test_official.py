"""What every loader shares: which quarter a name says, and when a table is complete."""

from datetime import date

import pytest

from shared.codesets.official import NotOfficial, Period, Stated, Told

FOURTH = Period("2026Q4", date(2026, 10, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    "name",
    [
        "medicare-ncci-2026-q4-practitioner-services-mue-table.zip",
        "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv",
        "AOC_V2026Q4-MCR.txt",
        "HCPC2026_OCT_ANWEB_v2.txt",
        "HCPC2026_OCT_ANWEB_09172026.txt",
        "october-2026-alpha-numeric-hcpcs-file.zip/read me.txt",
        "october-2026-alpha-numeric-hcpcs-files.zip",
        "medicare-ncci-2026-q3-mue.zip/MCR_MUE_DMESupplierServices_Eff_10-01-2026.csv",  # the file, not the zip
    ],
)
def test_the_names_of_cms_say_their_quarter(name: str) -> None:
    assert Period.quarter_named(name) == FOURTH


@pytest.mark.parametrize("name", ["mue.csv", "2026.csv", "MUE_Eff_13-01-2026.csv", "HCPC2026_ANWEB.txt"])
def test_other_names_say_none(name: str) -> None:
    assert Period.quarter_named(name) is None


def test_codes_of_another_code_set_leave_a_table_complete() -> None:
    told = Told()
    told.drop("CPT")

    def complete(*foreign: str) -> bool:
        return Stated().provenance("x", "f", FOURTH, source="s", told=told, foreign=foreign).complete

    assert complete("CPT", "CDT")
    assert not complete("CDT")
    told.reject("f", 1, "broken")
    assert not complete("CPT")


def test_what_the_user_states_goes_before_the_name() -> None:
    stated = Stated(release="corrected", effective_from=date(2026, 11, 1), effective_to=date(2026, 11, 30))
    made = stated.provenance("x", "f", FOURTH, source="s", told=Told())

    assert (made.release, made.effective_from, made.effective_to) == (
        "corrected",
        date(2026, 11, 1),
        date(2026, 11, 30),
    )


def test_days_that_nobody_says_are_asked_for() -> None:
    with pytest.raises(NotOfficial, match="state them"):
        Stated(release="only a name").provenance("x", "f", None, source="s", told=Told())
