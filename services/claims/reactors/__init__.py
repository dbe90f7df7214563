"""Facts, foreign or own, that make claims act: which rows they need, which commands they become.

`billing.py`: what lets a validated encounter become a claim. `submission.py`: what follows from files that went out and
answers that came in. Nothing is decided here (the aggregates do), nothing fetched, nothing remembered (the kit does).
"""

from typing import Any

from services.claims.domain.assembly import BillingPolicy
from services.claims.reactors import billing, submission
from shared.kernel.reaction import Reaction

__all__ = ["reactions"]


def reactions(policy: BillingPolicy) -> tuple[Reaction[Any], ...]:
    """Return every reaction of claims under a practice's policy."""
    return (*billing.reactions(policy), *submission.REACTIONS)
