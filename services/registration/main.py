"""Everything that registration runs, on one screen.

Owns: the wiring. Refuses: behaviour; each line names something that is explained elsewhere. Next: any of those names.
"""

from services.registration import reactors
from services.registration.domain.appointment import APPOINTMENTS
from services.registration.domain.authorization import AUTHORIZATIONS
from services.registration.domain.coverage import COVERAGES
from services.registration.domain.patient import PATIENTS, MemberIdKnown
from services.registration.domain.payer import PAYERS
from services.registration.domain.provider import PROVIDERS
from services.registration.projections import (
    appointments,
    authorizations,
    coverages,
    patient_identifiers,
    patients,
    payers,
    providers,
)
from services.registration.settings import PREFIX, Settings
from shared.runtime.definition import Api, Service, Worklist


def service(settings: Settings) -> Service:
    """Return registration as a value: what it decides, what it reacts to, what it answers."""
    return Service(
        name="registration",
        title="Registration: patients, coverages, authorizations, payers, providers, appointments",
        api=_api,
        settings=settings,
        deciders=(PATIENTS, COVERAGES, AUTHORIZATIONS, PAYERS, PROVIDERS, APPOINTMENTS),
        reactions=reactors.REACTIONS,
        projections=(
            patients.PATIENTS,
            patient_identifiers.PATIENT_IDENTIFIERS,
            coverages.COVERAGES,
            authorizations.AUTHORIZATIONS,
            payers.PAYERS,
            providers.PROVIDERS,
            appointments.APPOINTMENTS,
        ),
        private_events=(MemberIdKnown,),
        worklists={
            "appointments-booked": Worklist(
                projection=appointments.APPOINTMENTS,
                where={"status": "booked"},
                owner="front desk",
                about="Visits that are planned and whose patient has not checked in.",
            ),
            "authorizations-due": Worklist(
                projection=authorizations.AUTHORIZATIONS,
                where={"is_open": True},
                owner="front desk",
                about="Services for which a payer is still to be asked, or has not decided.",
                reason="status",
                due="service_from_on",
            ),
        },
        resources={Settings: settings},
    )


def _api() -> Api:
    from services.registration import api  # noqa: PLC0415 (slow to load, and operators' commands do without)

    return Api(router=api.ROUTER, access=api.ACCESS, intakes=api.INTAKES)


def configured() -> Service:
    """Return registration as the environment configures it; every process that runs it starts here."""
    return service(Settings.read(PREFIX))
