"""Which encounters draw on a payer's consent, as validation said: whom to bill again once its number is known.

Keyed as what an encounter waits for is: `authorization/<id>`. Not only those that wait are here: an encounter that was
billed may draw on a consent later, and its claim, if nobody has it yet, is to name it. A row is touched by many
encounters, and each only adds itself, so their order does not matter.
"""

from typing import Final

from services.claims.domain.assembly import authorization_thing
from services.claims.projections.waits import Waiting
from shared.events.validation import CodesValidated
from shared.kernel.projection import Projection


def keys(event: CodesValidated) -> tuple[str, ...]:
    """Return the consents that the encounter draws on."""
    return tuple(dict.fromkeys(authorization_thing(each.authorization_id) for each in event.authorizations))


def apply(row: Waiting | None, event: CodesValidated) -> Waiting:
    """Return who draws on a consent after a fact."""
    before = row.encounter_ids if row else ()
    return Waiting(encounter_ids=tuple(sorted({*before, event.encounter_id})))


AUTHORIZED_ENCOUNTERS: Final[Projection[Waiting, CodesValidated]] = Projection(
    name="authorized_encounters",
    version=1,
    source="foreign",
    row=Waiting,
    events=(CodesValidated,),
    keys=keys,
    apply=apply,
)
