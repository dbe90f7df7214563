"""The rules of payers and providers (`domain/payer.py`, `domain/provider.py`) as examples."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.registration.domain import payer, provider
from services.registration.domain.payer import PAYERS, AddPayer, FilingLimitAmbiguous, PayerDiffers
from services.registration.domain.provider import PROVIDERS, AddProvider, NpiNotValid, ProviderDiffers
from shared.kernel.decider import Name

NOW = datetime(2026, 3, 3, tzinfo=UTC)
PAYER = AddPayer(
    payer_id="y-1",
    payer_name="Example Health Plan",
    clearinghouse_payer_id="EXHP1",
    claim_filing_indicator="CI",
    filing_limit_days=180,
    filing_limit_months=None,
    zone="America/New_York",
    address=None,
    now=NOW,
)
PROVIDER = AddProvider(
    provider_id="v-1",
    kind="organization",
    npi="1234567893",
    provider_name="Example Clinic",
    given_name=None,
    taxonomy="207Q00000X",
    tax_id="587654321",
    address=None,
    now=NOW,
)


def test_adds_a_payer_once_and_reserves_its_clearinghouse_number_however_typed() -> None:
    (added,) = PAYERS.outcome(given=(), when=PAYER)
    (again,) = PAYERS.outcome(given=(), when=replace(PAYER, payer_id="y-2", clearinghouse_payer_id=" exhp1"))

    assert (added.payer_name, added.filing_limit_days, added.added_at) == ("Example Health Plan", 180, NOW)
    assert PAYERS.outcome(given=[added], when=PAYER) == ()
    assert payer.names(added) == payer.names(again) == (Name("clearinghouse_payer_id", "exhp1"),)


def test_refuses_a_filing_limit_in_days_and_months() -> None:
    with pytest.raises(FilingLimitAmbiguous):
        PAYERS.outcome(given=(), when=replace(PAYER, filing_limit_months=12))


def test_adds_a_provider_once_and_reserves_the_npi() -> None:
    (added,) = PROVIDERS.outcome(given=(), when=PROVIDER)

    assert (added.npi, added.tax_id) == ("1234567893", "587654321")
    assert PROVIDERS.outcome(given=[added], when=PROVIDER) == ()
    assert provider.names(added) == (Name("npi", "1234567893"),)


def test_refuses_other_content_for_what_is_there() -> None:
    (plan,) = PAYERS.outcome(given=(), when=PAYER)
    (clinic,) = PROVIDERS.outcome(given=(), when=PROVIDER)

    with pytest.raises(PayerDiffers):
        PAYERS.outcome(given=[plan], when=replace(PAYER, filing_limit_days=None))
    with pytest.raises(ProviderDiffers):
        PROVIDERS.outcome(given=[clinic], when=replace(PROVIDER, tax_id="587654322"))
    assert PROVIDERS.outcome(given=[clinic], when=replace(PROVIDER, provider_name="EXAMPLE clinic")) == ()


@pytest.mark.parametrize("npi", ["1234567890", "123456789", "3234567893", "123456789X"])
def test_refuses_an_npi_that_is_not_well_formed(npi: str) -> None:
    with pytest.raises(NpiNotValid):
        PROVIDERS.outcome(given=(), when=replace(PROVIDER, npi=npi))
