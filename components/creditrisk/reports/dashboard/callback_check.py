"""What may be asked of the dashboard's callbacks: one that it has, with values of their types.

Dash takes any body for one that its own page made, and ends in a traceback where it is not.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

_Id = str | dict[str, str]
_ANY = ["MATCH"]  # in a declared name: whatever the browser says there
_UNLIKE = "the question is none of this dashboard's pages"


class Point(BaseModel):
    """Where a figure was clicked."""

    x: str | float | None = None
    y: str | float | None = None
    base: str | float | None = None


class Clicked(BaseModel):
    """A click in a figure."""

    points: list[Point] = Field(min_length=1)


class _Property(BaseModel):
    id: _Id
    property: str
    value: JsonValue = None


class _Asked(BaseModel):
    model_config = ConfigDict(extra="ignore")
    output: str
    outputs: _Property | list[_Property]
    inputs: list[_Property]
    state: list[_Property] = []
    changed: list[str] = Field([], alias="changedPropIds")


_TYPES: dict[str, TypeAdapter[Any]] = {
    **dict.fromkeys(("pathname", "search", "data", "value"), TypeAdapter(str | None)),
    **dict.fromkeys(("n_intervals", "n_clicks"), TypeAdapter(int | None)),
    "clickData": TypeAdapter(Clicked | None),
}


def refusal(body: bytes, callbacks: Mapping[str, Mapping[str, Any]]) -> str:
    """Why a request's body is no question to one of Dash's callbacks; empty where it is."""
    try:
        asked = _Asked.model_validate_json(body)
        declared = callbacks.get(asked.output, {})
        if "callback" not in declared or not _alike(asked, declared):  # the browser has the others
            return _UNLIKE
        for one in (*asked.inputs, *asked.state):
            _TYPES[one.property].validate_python(one.value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return f"the question cannot be read: {first['msg']}"
    return ""


def _alike(asked: _Asked, declared: Mapping[str, Any]) -> bool:
    outputs = asked.outputs if isinstance(asked.outputs, list) else [asked.outputs]
    output = declared["output"]
    several = isinstance(output, list)
    each = output if several else [output]
    named = [(one.component_id_str(), one.component_property) for one in each]
    known = {f"{_text(one.id)}.{one.property}" for one in asked.inputs}
    return (
        several == isinstance(asked.outputs, list)
        and _match(outputs, named)
        and _match(asked.inputs, ((one["id"], one["property"]) for one in declared["inputs"]))
        and _match(asked.state, ((one["id"], one["property"]) for one in declared["state"]))
        and known.issuperset(asked.changed)
    )


def _match(asked: list[_Property], declared: Iterable[tuple[str, str]]) -> bool:
    names = list(declared)
    return len(asked) == len(names) and all(
        one.property == name and _is(one.id, id)
        for one, (id, name) in zip(asked, names, strict=True)
    )


def _is(id: _Id, declared: str) -> bool:
    parts = json.loads(declared) if declared.startswith("{") else declared
    if isinstance(id, str) or isinstance(parts, str):
        return id == parts
    return id.keys() == parts.keys() and all(parts[key] in (_ANY, id[key]) for key in id)


def _text(id: _Id) -> str:
    """A name as Dash writes it where a property is named."""
    return id if isinstance(id, str) else json.dumps(id, sort_keys=True, separators=(",", ":"))
