"""What people do here: each role with the worklists that are its turn, and the scopes that its work takes.

Owns: that nobody gets more than the work asks for. An operator sees no patient; only who posts money may post it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.runtime.scopes import ALL_SCOPES

_READS: Final = (
    "registration.read",
    "coding.read",
    "validation.read",
    "claims.read",
    "payments.read",
    "worklists.read",
    "events.read",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role. **Shape**: `owner` is its name in the services' worklists; empty: none is its own."""

    name: str
    title: str
    owner: str
    about: str
    scopes: tuple[str, ...]


ROLES: Final[Mapping[str, Role]] = {
    role.name: role
    for role in (
        Role(
            name="front-desk",
            title="Front desk",
            owner="front desk",
            about="Registers patients and coverages, checks them in, asks payers for authorizations.",
            scopes=(*_READS, "registration.write"),
        ),
        Role(
            name="coder",
            title="Coder",
            owner="coder",
            about="Assigns codes to what was documented, and mends what the rules find.",
            scopes=(*_READS, "coding.write", "validation.write", "validation.override"),
        ),
        Role(
            name="biller",
            title="Biller",
            owner="biller",
            about="Releases, mends and resubmits claims until the payer has them.",
            scopes=(*_READS, "claims.write", "claims.files", "payments.files", "validation.override"),
        ),
        Role(
            name="poster",
            title="Poster",
            owner="poster",
            about="Posts what payers paid, and clears what could not be posted by itself.",
            scopes=(*_READS, "payments.write", "payments.files", "claims.files"),
        ),
        Role(
            name="denial-specialist",
            title="Denial specialist",
            owner="denial specialist",
            about="Works on what payers refused.",
            scopes=(*_READS, "claims.write", "claims.files", "payments.files"),
        ),
        Role(
            name="manager",
            title="Manager",
            owner="manager",
            about="Sees all of it, and decides what nobody else may.",
            scopes=ALL_SCOPES,
        ),
        Role(
            name="operator",
            title="Operator",
            owner="",
            about="Keeps the services going; sees positions, lag and what is parked, but no patient.",
            scopes=("worklists.read", "operations.read", "operations.write"),
        ),
    )
}
OWNERS: Final = tuple(role.owner for role in ROLES.values() if role.owner)
