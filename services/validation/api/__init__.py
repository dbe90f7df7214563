"""HTTP of validation: scrub, try codes, let findings pass and withdraw that; show scrubs, findings, rules, rule sets.

Rules stand in `domain/rules`, the codes of refusals in `shared/runtime/http.py`; one file per noun, what they share in
`body.py`.
"""

from typing import Final

from services.validation.api import finding, history, override, payer_rule, rule, scrub
from services.validation.api.body import ROUTER

__all__ = ["ACCESS", "ROUTER"]

ACCESS: Final = {
    **scrub.ACCESS,
    **override.ACCESS,
    **payer_rule.ACCESS,
    **history.ACCESS,
    **finding.ACCESS,
    **rule.ACCESS,
}
