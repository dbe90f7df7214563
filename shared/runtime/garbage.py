"""Garbage collection as a process of ours wants it: seldom, and not over what is loaded for good.

Owns: the thresholds. A third of the work of a busy line was the collector looking at what never becomes garbage.
"""

import gc


def collect_seldom() -> None:
    """Keep what is loaded now out of collections, and collect seldom: facts and rows hold no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
