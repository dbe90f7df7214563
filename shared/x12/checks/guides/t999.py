"""999 implementation acknowledgements. **Source**: 005010X231A1."""

from typing import Final

from shared.x12.checks.notation import read_guide

_TABLE: Final = """
[999 acknowledgement]
R 1  ST*999        . R =005010X231A1,005010X231
R 1  AK1           R R S
S *  2000
R 1  AK9           =@group-verdict R R R S=@group-fault S=@group-fault S=@group-fault S=@group-fault S=@group-fault
R 1  SE            R R
[2000 answer to a set]
R 1  AK2           R R S
S *  2100
R 1  IK5           =@set-verdict S=@set-fault S=@set-fault S=@set-fault S=@set-fault S=@set-fault
[2100 segment at fault]
R 1  IK3           R R S =@segment-fault
S 10 CTX           R(R S) S S S S(R S S) S(R S)
S *  2110
[2110 element at fault]
R 1  IK4           R(R S S) S =@element-fault S
S 10 CTX           R(R S) S S S S(R S S) S(R S)
"""
GUIDE: Final = read_guide(
    _TABLE, name="005010X231A1", also=("005010X231",), functional_id="FA", title="acknowledgements (999)"
)
