"""Facts that make registration act: none yet. It is where the line begins, so that everybody reacts to it.

Eligibility answers and merges will be the first.
"""

from typing import Any, Final

from shared.kernel.reaction import Reaction

REACTIONS: Final[tuple[Reaction[Any], ...]] = ()
