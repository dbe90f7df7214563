"""What may change between two forms of a fact's schema, so that old readers and new ones take old records and new ones.

Owns: the one comparison, both ways at once. Only optional fields may be added: whatever else differs (a field that is
lost, renamed, retyped, needed or not needed any more, another value of a closed list, another limit) is told. Refuses:
comparing versions of a fact: a breaking change is a new version with an upcaster.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
_WORDS_ALONE: Final = frozenset({"$schema", "$id", "$defs", "title", "description", "examples"})
_PARTS: Final = frozenset({"properties", "anyOf", "items", "contentSchema", "$ref", "required"})


def differences(before: Schema, after: Schema) -> list[str]:
    """Return what is not an addition, place by place; empty where every reader goes on."""
    return list(_differences(before, after, before, after, ""))


def closed(schema: Schema) -> dict[str, Any]:
    """Return the schema for who writes: a field that it does not name is none of its."""
    made: dict[str, Any] = _with(schema, additional=False)
    return made


def tolerant(schema: Schema) -> dict[str, Any]:
    """Return the schema for who reads: a field that it does not name is passed over."""
    made: dict[str, Any] = _with(schema, additional=True)
    return made


def _differences(before: Schema, after: Schema, whole: Schema, later: Schema, at: str) -> Iterator[str]:
    before, after = _resolved(before, whole), _resolved(after, later)
    for word in sorted((before.keys() | after.keys()) - _WORDS_ALONE - _PARTS):
        if before.get(word) != after.get(word):
            yield f"{at}: {word} was {before.get(word)} and is {after.get(word)}"
    if set(before.get("required", ())) != set(after.get("required", ())):
        yield f"{at}: other fields are needed"
    earlier, parts = _parts(before), _parts(after)
    for name in sorted(earlier.keys() | {name for name in parts if not name.startswith("/")}):
        if name in earlier and name in parts:
            yield from _differences(earlier[name], parts[name], whole, later, f"{at}{name}")
        else:
            yield f"{at}{name}: {'lost' if name in earlier else 'another kind of value'}"


def _parts(schema: Schema) -> dict[str, Schema]:
    """Return the schemas in a schema: fields, which may be added, by `/name`; others, which may not, by word."""
    fields = {f"/{name}": field for name, field in schema.get("properties", {}).items()}
    others = {f" {word}": schema[word] for word in ("items", "contentSchema") if word in schema}
    return {**fields, **others, **{f" kind {n}": kind for n, kind in enumerate(schema.get("anyOf", ()))}}


def _resolved(part: Schema, whole: Schema) -> Schema:
    ref = part.get("$ref")
    return {**whole["$defs"][ref.rsplit("/", 1)[1]], **{k: v for k, v in part.items() if k != "$ref"}} if ref else part


def _with(part: Any, *, additional: bool) -> Any:  # noqa: ANN401 (any part of a schema)
    if isinstance(part, list):
        return [_with(each, additional=additional) for each in part]
    if not isinstance(part, dict):
        return part
    made = {name: _with(each, additional=additional) for name, each in part.items()}
    return {**made, "additionalProperties": additional} if "properties" in part else made
