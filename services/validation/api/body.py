"""What the routes of validation have in common: the router, bodies, ids and pages."""

from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.runtime.route import ShortRoute

ROUTER: Final = APIRouter(prefix="/v1", route_class=ShortRoute)
Id: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class Body(BaseModel):
    """What goes in or out; it is also made from objects with the same attributes."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)
