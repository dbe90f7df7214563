"""What every 837 shares, professional or institutional: parties, other payers, the tree of levels, a claim's loops.

Read `parties.py`, `benefits.py` and `supplements.py` (values), `walk.py` and `reading.py` (bytes to values), `tree.py`
and `writing.py` (values to bytes), `refusals.py` (what would produce a file that nobody takes). Refuses: to be a set;
`t837p_x222a1` and `t837i_x223a2` are, and say what a claim and a line of theirs are.
"""
