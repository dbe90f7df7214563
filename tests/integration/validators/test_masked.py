"""A masked copy is as valid as the file was: independent validators find nothing in either."""

import csv
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.x12.checks.masking import mask
from shared.x12.sets.t270_x279a1 import EligibilityRequest, write_270
from shared.x12.sets.t271_x279a1 import EligibilityResponse, write_271
from shared.x12.sets.t276_x212 import ClaimStatusRequest, write_276
from shared.x12.sets.t277_x212 import ClaimStatusResponse, write_277
from shared.x12.sets.t835_x221a1 import Remittance, write_835
from shared.x12.sets.t837i_x223a2 import InstitutionalClaim, write_837i
from shared.x12.sets.t837p_x222a1 import ProfessionalClaim, write_837p
from shared.x12.sets.t999_x231a1 import GroupAcknowledgement, write_999
from tests.support.x12_oracles import lfh_complaints, needs_lfh, oxedi_findings, pyx12_check
from tests.unit.shared.x12 import acknowledgements, claim_strategies, eligibility, inquiries, strategies
from tests.unit.shared.x12.examples import ENVELOPE, SAMPLES, batch, needs_samples, stays

SOME: Final = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
INDEX: Final = SAMPLES / "INDEX.csv"
VALID: Final = sorted(
    row["file"]
    for row in (csv.DictReader(INDEX.read_text(encoding="utf-8").splitlines()) if INDEX.exists() else ())
    if row["pyx12"] == "valid"
    and row["version"].startswith("005010")
    and row["file"].removeprefix("selfmade/").startswith(("837P", "837I", "835", "999"))
)


def _masked(data: bytes) -> bytes:
    masked = b"".join(mask(data, key=b"a key of sixteen bytes or more"))
    assert masked != data.replace(b"\n", b"")
    return masked


@given(st.lists(claim_strategies.professional_claims(), min_size=1, max_size=2))
@SOME
def test_a_masked_837p_is_valid(claims: list[ProfessionalClaim]) -> None:
    data = write_837p(batch(*claims), envelope=ENVELOPE, transaction_control_number=1)

    assert pyx12_check(_masked(data).decode()).errors == ()


@given(st.lists(claim_strategies.institutional_claims_at_home(), min_size=1, max_size=2))
@SOME
def test_a_masked_837i_is_valid(claims: list[InstitutionalClaim]) -> None:
    data = write_837i(stays(*claims), envelope=ENVELOPE, transaction_control_number=1)

    assert pyx12_check(_masked(data).decode()).errors == ()


@given(strategies.remittances())
@SOME
def test_a_masked_835_is_valid_and_balances(remittance: Remittance) -> None:
    masked = _masked(write_835([remittance], envelope=ENVELOPE, first_control_number=1))

    assert pyx12_check(masked.decode()).errors == ()
    assert oxedi_findings(masked) == ()


@given(acknowledgements.group_acknowledgements(judged=True))
@SOME
def test_a_masked_999_is_valid(answer: GroupAcknowledgement) -> None:
    data = write_999([answer], envelope=ENVELOPE, first_control_number=1)

    assert pyx12_check(b"".join(mask(data, key=b"key")).decode()).errors == ()


@needs_lfh
def test_masked_questions_and_answers_are_valid_under_another_implementation() -> None:
    files: list[bytes] = []

    @given(
        eligibility.questions(judged=True),
        eligibility.answers(judged=True),
        inquiries.questions(judged=True),
        inquiries.answers(judged=True),
    )
    @SOME
    def collect(
        asked: EligibilityRequest, said: EligibilityResponse, about: ClaimStatusRequest, told: ClaimStatusResponse
    ) -> None:
        files.append(write_270([asked], envelope=ENVELOPE, first_control_number=1))
        files.append(write_271([said], envelope=ENVELOPE, first_control_number=1))
        files.append(write_276([about], envelope=ENVELOPE, first_control_number=1))
        files.append(write_277([told], envelope=ENVELOPE, first_control_number=1))

    collect()

    assert len(files) >= 40
    assert set(lfh_complaints([_masked(data) for data in files], siblings=True)) == {""}


@needs_samples
@pytest.mark.parametrize("name", VALID)
def test_a_masked_sample_is_as_valid(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    masked = b"".join(mask(data, key=b"a key of sixteen bytes or more"))

    assert pyx12_check(masked.decode("latin-1")).errors == ()
    if name.startswith(("835/", "selfmade/835")):
        assert oxedi_findings(masked) == oxedi_findings(data)
