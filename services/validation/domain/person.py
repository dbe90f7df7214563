"""Who may decide what somebody has to answer for: a person."""

from shared.events.envelope import Actor
from shared.kernel.errors import Rejected


class PersonNeeded(Rejected):
    """Only a person decides this, because somebody has to answer for it; a program or a model does not."""

    slug = "person-needed"


def by_person(actor: Actor) -> str:
    """Return the account of a person. **Errors**: `PersonNeeded`."""
    if actor.kind != "human":
        raise PersonNeeded("somebody has to answer for it")
    return actor.id
