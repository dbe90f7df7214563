"""What the routes of claims have in common: the router, pages, and how a row becomes an answer."""

from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar

from fastapi import APIRouter
from msgspec import to_builtins
from pydantic import BaseModel, ConfigDict

from shared.runtime.route import ShortRoute

ROUTER: Final = APIRouter(prefix="/v1", route_class=ShortRoute)
Item = TypeVar("Item", bound=BaseModel)


class Request(BaseModel):
    """What a client sends; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """What a client gets."""

    model_config = ConfigDict(frozen=True)


class Paged(BaseModel, Generic[Item]):
    """One page. **Shape**: `next` asks for the following one, null at the end."""

    items: tuple[Item, ...]
    next: str | None


def plain(row: object) -> dict[str, Any]:
    """Return a row as an answer is built from it; the answer's class chooses the fields."""
    built: dict[str, Any] = to_builtins(row, builtin_types=(datetime, date))
    return built
