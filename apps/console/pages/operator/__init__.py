"""The operator's pages: services, parked records, read models and long work, settings. They name no patient.

Owns: the order of the four. What a figure means is in `figures.py`, which asks nobody.
"""

from typing import Final

from fastapi import APIRouter

from apps.console.pages.operator import parked, read_models, services, settings

ROUTER: Final = APIRouter(include_in_schema=False)
for each in (services, parked, read_models, settings):
    ROUTER.include_router(each.ROUTER)
