"""What a clearinghouse sends back by itself before any payer sees it: the first edit that a claim fails.

Owns: the edits and the status of each (277CA). **Source**: x12.md section 9; claim status categories and codes.
"""

from collections.abc import Callable
from datetime import date
from typing import Final, TypeAlias

from apps.simulator.case import Case
from apps.simulator.scenario import RefusedBy
from shared.kernel.identifiers import is_npi
from shared.x12.claim_status import Status
from shared.x12.sets.t837p_x222a1 import ProfessionalClaim

Edit: TypeAlias = tuple[Status, Callable[[ProfessionalClaim, date], bool]]
_FREQUENCIES: Final = frozenset({"1", "7", "8"})
_EDITS: Final[tuple[Edit, ...]] = (
    (Status(category="A6", status="164", entity="IL"), lambda claim, _: not claim.subscriber.member_id),
    (Status(category="A7", status="562", entity="85"), lambda claim, _: not is_npi(claim.billing_provider.npi)),
    (
        Status(category="A7", status="178"),
        lambda claim, _: (
            claim.charge_cents != sum(line.charge_cents for line in claim.lines)
            or min(line.charge_cents for line in claim.lines) < 0
        ),
    ),
    (Status(category="A7", status="476"), lambda claim, _: min(line.units for line in claim.lines) < 0),
    (Status(category="A6", status="255"), lambda claim, _: not claim.diagnoses),
    (
        Status(category="A7", status="477"),
        lambda claim, _: any(
            not 0 < pointer <= len(claim.diagnoses) for line in claim.lines for pointer in line.pointers
        ),
    ),
    (
        Status(category="A7", status="187"),
        lambda claim, today: max(line.service_to for line in claim.lines) > today,
    ),
    (Status(category="A7", status="535"), lambda claim, _: claim.frequency not in _FREQUENCIES),
    (
        Status(category="A6", status="464"),
        lambda claim, _: claim.frequency in {"7", "8"} and not claim.original_payer_control_number,
    ),
)
"""Member id, billing NPI, charges, units, diagnoses, pointers, days to come, frequency, number of an original."""
_MEMBER_ID_INVALID: Final = Status(category="A7", status="164", entity="IL")


def failed_edit(case: Case, today: date) -> Status | None:
    """Return the status of the first edit that a claim fails, None where the payer may have it."""
    if case.scenario.refused_by is RefusedBy.CLEARINGHOUSE:
        return _MEMBER_ID_INVALID
    return next((status for status, fails in _EDITS if fails(case.claim, today)), None)
