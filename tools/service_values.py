"""The five services as values, as tools and contract tests look at them: with their tables, without any address.

Owns: the one list of all services outside `apps/embedded`. Refuses: starting anything.
"""

from functools import cache
from pathlib import Path
from typing import Final

from services.claims import main as claims
from services.claims.settings import Settings as ClaimsSettings
from services.coding import main as coding
from services.coding.settings import Settings as CodingSettings
from services.payments import main as payments
from services.payments.settings import Settings as PaymentsSettings
from services.registration import main as registration
from services.registration.settings import Settings as RegistrationSettings
from services.validation import main as validation
from services.validation.settings import Settings as ValidationSettings
from shared.runtime.definition import Service

ROOT: Final = Path(__file__).resolve().parents[1]
TABLES: Final = ROOT / "reference"


@cache
def services() -> tuple[Service, ...]:
    """Return all services, in the order of the line."""
    coding_settings = CodingSettings(tables_folder=str(TABLES))
    return (
        registration.service(RegistrationSettings()),
        coding.service(coding_settings, coding.opened(coding_settings)),
        validation.service(ValidationSettings(), validation.tables_in(TABLES)),
        claims.service(ClaimsSettings()),
        payments.service(PaymentsSettings()),
    )
