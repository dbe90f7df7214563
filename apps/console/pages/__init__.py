"""The pages, a file each: what it asks of the services, and what may be done there. `PAGES` is all of them."""

from typing import Final

from apps.console.pages import (
    claim,
    coding,
    components,
    home,
    live,
    operator,
    patient,
    remittance,
    search,
    sign_in,
    tour,
    work,
)

_ALL: Final = (sign_in, home, work, claim, coding, patient, remittance, operator, search, tour, components, live)
PAGES: Final = tuple(page.ROUTER for page in _ALL)
