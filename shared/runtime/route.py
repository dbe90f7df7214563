"""A route of a service: FastAPI's, with the usual request taken a shorter way.

Owns: the usual request, which is a `Call`, words of the path and at most one model as JSON, and is answered with one
model. FastAPI would read such a body twice, solve anew what the function needs, and look through the answer. Refuses:
everything else. What is not usual goes FastAPI's own way, a body that cannot be read included: no is said in one place.
Next: `call.py`.
"""

from collections.abc import Callable, Coroutine
from inspect import iscoroutinefunction, signature
from typing import Any, Final, TypeAlias

from fastapi import Request, Response, params
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from starlette.requests import ClientDisconnect

from shared.runtime.call import authenticated

Handler: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]
_JSON: Final = "application/json"


class ShortRoute(APIRoute):
    """A route whose usual requests skip the solver. **Shape**: a `route_class` of a router."""

    def get_route_handler(self) -> Handler:
        """Return what takes a request of this route."""
        whole = super().get_route_handler()
        return self._short(whole) if self.is_usual() else whole

    def is_usual(self) -> bool:
        """Return whether the function takes and gives nothing but what is usual."""
        asked = self.dependant
        words = {each.name for each in asked.path_params if _is_word(each.field_info)}
        bodies = {each.name for each in asked.body_params if _is_one_model(each.field_info)}
        calls = {each.name for each in asked.dependencies if each.call is authenticated}
        return (
            iscoroutinefunction(self.endpoint)
            and len(bodies) <= 1
            and len(calls) == len(asked.dependencies) == 1
            and set(signature(self.endpoint).parameters) == words | bodies | calls
            and _is_model(self.response_model)
            and not self._leaves_out()
        )

    def _leaves_out(self) -> bool:
        """Return whether the answer is less than the whole model."""
        some = (self.response_model_include, self.response_model_exclude)
        rules = (
            self.response_model_exclude_unset,
            self.response_model_exclude_defaults,
            self.response_model_exclude_none,
        )
        return any(some) or any(rules) or not self.response_model_by_alias

    def _short(self, whole: Handler) -> Handler:
        body = next(iter(self.dependant.body_params), None)
        model: Any = body.field_info.annotation if body else None
        read = TypeAdapter(model).validate_json if body else None
        written = TypeAdapter(self.response_model).dump_json
        call = str(self.dependant.dependencies[0].name)

        async def handler(request: Request) -> Response:
            values: dict[str, Any] = dict(request.path_params)
            if body and read:
                if request.headers.get("content-type") != _JSON:
                    return await whole(request)
                try:
                    values[body.name] = read(await request.body())
                except (ValidationError, ClientDisconnect):
                    return await whole(request)
            response = Response(status_code=self.status_code or 200, media_type=_JSON)
            values[call] = await authenticated(request, response)
            response.body = written(await self.endpoint(**values), by_alias=True)
            response.headers["content-length"] = str(len(response.body))
            return response

        return handler


def _is_word(asked: FieldInfo) -> bool:
    return asked.annotation is str and not asked.metadata


def _is_one_model(asked: FieldInfo) -> bool:
    return type(asked) is params.Body and not asked.embed and asked.is_required() and _is_model(asked.annotation)


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
