"""Whether a service lost, doubled or altered anything: its invariants, looked at while it serves.

Owns: the order of the checks and what they come to. Everything is judged as of one position, the head of one snapshot:
what changes (checkpoints, reserved names, parked rows) is read in that snapshot, which takes seconds; facts up to its
position never change, so they are read in chunks outside of it, for as long as it takes, and hold up no vacuum; the log
only grows, so it is read after it. Refuses: mending. Next: `whole.py`, and a file for each invariant.
"""

from shared.runtime.verify.finding import Finding, Verified
from shared.runtime.verify.whole import EVERYTHING, Choice, verify

__all__ = ["EVERYTHING", "Choice", "Finding", "Verified", "verify"]
