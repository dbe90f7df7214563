"""False positives: claims that two validators of others call valid bring no error finding but the explained ones.

The samples lie beside the repository. Nearly all are the guides' own examples with invented numbers, of the days of
ICD-9, whose diagnoses no table here covers; no payer's rules are asked.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Final, NamedTuple

import pytest

from services.validation.domain.rule import Outcome, Rule
from services.validation.domain.rules import RULES
from services.validation.domain.subject import ScrubSubject, subject_of
from services.validation.domain.tables import Tables
from shared.kernel.dates import local_day
from shared.x12.sets.t837i_x223a2 import read_837i
from shared.x12.sets.t837p_x222a1 import OtherPayer, read_837p
from tests.unit.shared.x12.examples import CHILD, CLAIM, DOE, PAYER, SAMPLES, STAY, needs_samples
from tests.unit.validation.claims_as_facts import ZONE, facts_of, sent_at
from tests.unit.validation.driver import TABLES
from tests.unit.validation.tables import with_published_pair_edits

INDEX: Final = SAMPLES / "INDEX.csv"
OF_PROFESSIONALS: Final = {
    "anatomical_modifiers": "the hospital's edits are others",
    "diagnosis_count": "an institutional claim has room for more",
    "diagnosis_pointers": "its lines point to no diagnosis",
    "line_count": "it has room for more",
    "medically_unlikely_units": "hospitals have limits of their own",
    "modifier_of_schedule": "Medicare pays a hospital by another schedule",
    "ncci_pair_edit": "hospitals have edits of their own",
    "place_of_service_valid": "the type of bill says where it was",
    "place_seldom": "as above",
    "rendering_provider_complete": "somebody attends instead",
    "telehealth_place": "as above",
}
"""Rules that an institutional claim is not judged by, and why."""


class Found(NamedTuple):
    """An error finding. **Shape**: `claim` counts those of the file from 1."""

    file: str
    claim: int
    rule: str
    field: str


_GUIDES: Final = "837P/kputnam-stupidedi_"
_COB: Final = f"{_GUIDES}COB_claim_from_billing_provider_to_payer_a.edi"
_AMBULANCE: Final = f"{_GUIDES}ambulance.edi"
_ANESTHESIA: Final = f"{_GUIDES}anesthesia.edi"
_ENCOUNTER: Final = f"{_GUIDES}encounter.edi"
_IN_OFFICE: Final = f"{_GUIDES}drug_administered_in_the_physician_office.edi"
_INFUSION: Final = f"{_GUIDES}home_infusion_therapy_pharmacy_adjudicated_with_NDC_in_loop_.edi"
_SECONDARY: Final = f"{_GUIDES}medicare_secondary_payer_COB.edi"
_OUT_OF_NETWORK: Final = f"{_GUIDES}out_of_network_repriced_claim.edi"
_OXYGEN: Final = f"{_GUIDES}oxygen.edi"
_REPRICED: Final = f"{_GUIDES}ppo_repriced_claim.edi"
_HOSPITAL: Final = "837I/kputnam-stupidedi_ppo_repriced_claim.edi"
_MOOV: Final = "837P/moov-io-x12_sample.edi"
_BILLS, _RENDERS, _ZIP = "providers/billing", "providers/rendering", "providers/billing/address/zip"
EXPLAINED: Final = {
    "an invented NPI: the check digit is wrong": {
        *(Found(name, 1, "npi_check_digit", _BILLS) for name in (_COB, _AMBULANCE, _ANESTHESIA, _ENCOUNTER)),
        *(Found(name, 1, "npi_check_digit", _BILLS) for name in (_SECONDARY, _OXYGEN, _REPRICED, _HOSPITAL)),
        *(Found(name, 1, "npi_check_digit", _RENDERS) for name in (_COB, _ANESTHESIA, _SECONDARY, _OUT_OF_NETWORK)),
    },
    "an NPI of nine digits": {Found(_MOOV, claim, "npi_check_digit", _RENDERS) for claim in range(1, 9)},
    "a ZIP of five digits, where the guide wants the biller's whole one": {
        *(Found(name, 1, "billing_provider_complete", _ZIP) for name in (_COB, _ANESTHESIA, _IN_OFFICE, _ENCOUNTER)),
        *(Found(name, 1, "billing_provider_complete", _ZIP) for name in (_INFUSION, _SECONDARY, _OXYGEN)),
    },
    "a line points to a second diagnosis of a claim that has one": {
        Found(_MOOV, claim, "diagnosis_pointers", "lines/1/pointers") for claim in range(2, 9)
    },
    "the same therapy of the same day three times, without a modifier that says why": {
        Found(_MOOV, 1, "duplicate_line", f"lines/{line}") for line in (3, 4)
    },
}


def files() -> Iterator[str]:
    """Yield the claims that one of the validators calls valid."""
    for row in csv.DictReader(INDEX.read_text(encoding="utf-8").splitlines()) if INDEX.exists() else ():
        if row["file"].startswith(("837P/", "837I/", "selfmade/837P")) and "valid" in (row["pyx12"], row["stupidedi"]):
            yield row["file"]


def judged(name: str) -> Iterator[tuple[int, ScrubSubject, tuple[Rule, ...]]]:
    """Yield the claims of a file as a scrub sees them, each with the rules that judge it."""
    read = read_837i if name.startswith("837I/") else read_837p
    rules = tuple(rule for rule in RULES if read is read_837p or rule.id not in OF_PROFESSIONALS)
    claims = (claim for batch in read((SAMPLES / name).read_bytes()) for claim in batch.claims)
    for number, claim in enumerate(claims, 1):
        facts = facts_of(claim)
        yield number, subject_of(facts, tables(), sent_at(facts)), rules


@cache
def tables() -> Tables:
    """Return the tables that ship, and the published sample of pair edits beside them."""
    return with_published_pair_edits(TABLES)


def test_a_claim_becomes_the_facts_that_it_states() -> None:
    other = OtherPayer(
        payer=PAYER, responsibility="P", member_id="1EG4TE5MK73", subscriber_name=DOE.name, claim_filing="MB"
    )
    facts = facts_of(replace(CLAIM, subscriber=replace(DOE, responsibility="S"), patient=CHILD, other_payers=(other,)))

    assert (facts.patient.birth_on, facts.patient.sex, facts.patient.has_address) == (CHILD.birth_on, "female", True)
    assert [each.claim_filing_indicator for each in facts.payers] == ["MB", "CI"]
    assert [(each.filing_order, each.of_group) for each in facts.coverages] == [("primary", False), ("secondary", True)]
    assert [each.medicare_number for each in facts.coverages] == [True, False]
    assert (facts.rendering and facts.rendering.npi, facts.billing and facts.billing.zip_digits) == ("1987654328", 9)
    assert facts.codes.diagnoses == CLAIM.diagnoses
    assert [(each.procedure_code, each.modifiers, each.units, each.pointers) for each in facts.codes.lines] == [
        ("99213", (), 1, (1,)),
        ("97110", ("GP", "59"), 1, (2, 1)),
    ]
    assert local_day(sent_at(facts), ZONE) == date(2025, 12, 18)


def test_of_a_stay_only_lines_with_a_procedure_are_services() -> None:
    facts = facts_of(STAY)

    assert [(each.line_no, each.procedure_code, each.pointers) for each in facts.codes.lines] == [(2, "J3490", ())]
    assert (facts.codes.diagnoses, facts.encounter.place_of_service) == (("K3580", "E119", "Z794"), None)


@needs_samples
@pytest.mark.parametrize("name", sorted(files()))
def test_a_valid_claim_brings_no_error_but_the_explained_ones(name: str) -> None:
    found = {
        Found(name, number, rule.id, finding.field)
        for number, subject, rules in judged(name)
        for rule in rules
        for finding in rule.findings(subject)
        if (finding.outcome, finding.severity) == ("fail", "error")
    }

    assert found == {each for explained in EXPLAINED.values() for each in explained if each.file == name}


@needs_samples
def test_every_explanation_is_of_a_claim_that_is_judged() -> None:
    assert {each.file for explained in EXPLAINED.values() for each in explained} <= set(files())
    assert set(OF_PROFESSIONALS) <= {rule.id for rule in RULES}
    assert len(list(files())) >= 16


@needs_samples
@pytest.mark.parametrize("name", sorted(files()))
def test_most_rules_that_apply_can_judge(name: str) -> None:
    """Otherwise the test above would be easily passed."""
    for _, subject, rules in judged(name):
        outcomes = [rule.outcome(subject) for rule in rules]

        assert outcomes.count(Outcome.PASS) >= 10
        assert outcomes.count(Outcome.PASS) > outcomes.count(Outcome.NO_DATA)
