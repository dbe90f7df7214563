"""The scopes that routes ask for, in one list, so that a development token can have them all.

A test compares the list with the route tables of the five services.
"""

from typing import Final

ALL_SCOPES: Final = (
    "claims.files",
    "claims.prices",
    "claims.read",
    "claims.write",
    "coding.code-sets",
    "coding.read",
    "coding.write",
    "events.read",
    "operations.read",
    "operations.write",
    "payments.files",
    "payments.read",
    "payments.write",
    "registration.read",
    "registration.write",
    "validation.override",
    "validation.read",
    "validation.rules",
    "validation.rules.approve",
    "validation.write",
    "worklists.read",
)
PERSONAL: Final = "events.read-personal"
"""Opens the sealed values in the event feed; asked for by name only."""
