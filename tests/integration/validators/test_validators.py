"""Whatever the writers write, independent validators find nothing in it."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.x12.sets.t835_x221a1 import Remittance, balance, write_835
from shared.x12.sets.t837i_x223a2 import InstitutionalClaim, write_837i
from shared.x12.sets.t837p_x222a1 import ProfessionalClaim, write_837p
from tests.support.x12_oracles import oxedi_findings, pyx12_check
from tests.unit.shared.x12 import claim_strategies, strategies
from tests.unit.shared.x12.examples import ENVELOPE, batch, stays


@given(st.lists(claim_strategies.professional_claims(), min_size=1, max_size=3))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_an_837p_is_valid(found: list[ProfessionalClaim]) -> None:
    data = write_837p(batch(*found), envelope=ENVELOPE, transaction_control_number=1)

    assert pyx12_check(data.decode()).errors == ()


@given(st.lists(claim_strategies.institutional_claims_at_home(), min_size=1, max_size=2))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_an_837i_is_valid(found: list[InstitutionalClaim]) -> None:
    data = write_837i(stays(*found), envelope=ENVELOPE, transaction_control_number=1)

    assert pyx12_check(data.decode()).errors == ()


@given(strategies.remittances())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_835_is_valid_and_balances(remittance: Remittance) -> None:
    data = write_835([remittance], envelope=ENVELOPE, first_control_number=1)

    assert balance(remittance) == ()
    assert pyx12_check(data.decode()).errors == ()
    assert oxedi_findings(data) == ()
