"""What is wrong with a file a person wrote, key by key."""

from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel, ValidationError

_WORDS = {  # of pydantic's errors, where its own are a programmer's
    "missing": "missing",
    "finite_number": "not a finite number; write the lowest or highest that there can be",
    "tuple_type": "not a list; write [a, b]",
    "dict_type": "no keys and values; write {key: value}",
    "model_type": "no keys and values; write {key: value}",
    "model_attributes_type": "no keys and values; write {key: value}",
    "bool_type": "neither true nor false",
    "bool_parsing": "neither true nor false",
    "float_type": "not a number",
    "float_parsing": "not a number",
    "int_type": "not a whole number",
    "int_parsing": "not a whole number",
    "int_from_float": "not a whole number",
    "date_type": "no day; write it as 2023-04-30",
    "date_parsing": "no day; write it as 2023-04-30",
    "date_from_datetime_parsing": "no day; write it as 2023-04-30",
    "date_from_datetime_inexact": "a day and a time; write the day alone, as 2023-04-30",
}


class FaultError(ValueError):
    """What a validator found wrong below the section it judges, and where there."""

    def __init__(self, what: str, *path: str) -> None:
        super().__init__(what)
        self.path = path


def faults(error: ValidationError, model: type[BaseModel]) -> list[tuple[tuple[str, ...], str]]:
    """The errors of a pydantic model one by one: where, and what is wrong there."""
    found = []
    for item in error.errors():
        what = _WORDS.get(item["type"], item["msg"].removeprefix("Value error, "))
        if item["type"] == "extra_forbidden":
            what = "unknown key"
            near = get_close_matches(str(item["loc"][-1]), _known(model, item["loc"][:-1]), 1)
            what += f"; did you mean {near[0]}?" if near else ""
        if item["type"] == "string_type" and isinstance(item["input"], bool | int | float):
            what += f"; YAML reads a {type(item['input']).__name__} here: quote it"
        below = getattr(item.get("ctx", {}).get("error"), "path", ())
        found.append(((*map(str, item["loc"]), *below), what))
    return found


def _known(model: object, path: tuple[int | str, ...]) -> list[str]:
    """The keys a model takes at a path: of a field by its name, of a mapping by what it holds."""
    for part in path:
        if isinstance(model, type) and issubclass(model, BaseModel):
            model = model.model_fields[str(part)].annotation
        else:
            model = get_args(model)[-1]
    return list(model.model_fields) if isinstance(model, type(BaseModel)) else []
