"""Payers' consents as registration told of them: the number that a claim names, the last one that was noted."""

from typing import Final

from services.claims.domain.parties import Authorization
from shared.events.registration import AuthorizationApproved
from shared.kernel.projection import Projection


def keys(event: AuthorizationApproved) -> tuple[str, ...]:
    """Return the authorization."""
    return (event.authorization_id,)


def apply(_: Authorization | None, event: AuthorizationApproved) -> Authorization:
    """Return the consent after a fact. Whether it still holds is validation's to say: it names those that count."""
    return Authorization(authorization_id=event.authorization_id, number=event.number)


AUTHORIZATIONS: Final[Projection[Authorization, AuthorizationApproved]] = Projection(
    name="authorizations",
    version=1,
    source="foreign",
    row=Authorization,
    events=(AuthorizationApproved,),
    keys=keys,
    apply=apply,
)
