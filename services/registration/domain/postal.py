"""Which two letters are a state in an address in the United States. **Source**: USPS Publication 28, appendix B."""

from typing import Final

_LISTED: Final = """
AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR
PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI FM MH PW AA AE AP
"""
STATES: Final = frozenset(_LISTED.split())
