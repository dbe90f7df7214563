"""Garbage collection as a process of ours wants it: seldom, and not over what is loaded for good.

Owns: the thresholds. A third of the work of a busy line was the collector looking at what never becomes garbage, and a
sixth of a start: so programs begin with `gc.disable()`, before they import what they need, and call this once it is
there.
"""

import gc


def collect_seldom() -> None:
    """Keep what is loaded now out of collections, and collect seldom from now on: facts and rows hold no cycles."""
    gc.freeze()  # a thousand objects of it are garbage: to look for them would take longer than they are worth
    gc.set_threshold(100_000, 50, 50)
    gc.enable()
