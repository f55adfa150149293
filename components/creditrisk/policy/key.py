"""A key of the policy says in one place what it holds, what it does and which way it is stricter.

    psi_red: Positive = lower("and beyond chance (psi_alpha)")

The lower, the stricter. Where no way is (a seed, an outcome's definition) a key says `either`: any
change of it counts as loosening, somebody has to look.
"""

from datetime import date
from functools import partial
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.fields import FieldInfo


class Unit(str):
    """What the number of a key counts."""

    __slots__ = ()


Share = Annotated[float, Field(ge=0, le=1), Unit("0 to 1")]
Count = Annotated[int, Field(ge=1)]
LONGEST = 600  # months: no loan runs longer, and the calendar ends in the year 9999
Months = Annotated[int, Field(ge=0, le=LONGEST), Unit("months")]
Span = Annotated[int, Field(ge=1, le=LONGEST), Unit("months")]
Days = Annotated[int, Field(ge=1, le=31 * LONGEST), Unit("days")]
# beyond these a month would end in a day, or in no memory; statistics gain nothing
Trees = Annotated[int, Field(ge=1, le=10_000), Unit("trees")]
Folds = Annotated[int, Field(ge=1, le=100), Unit("folds")]
Threads = Annotated[int, Field(ge=1, le=1_024), Unit("threads")]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Within = Annotated[float, Field(gt=0, lt=1)]


def require_around_one(low: float, high: float) -> None:
    """ValueError unless a ratio of 1 lies between the ends of a band."""
    if not low <= 1 <= high:
        raise ValueError(f"{low:g} to {high:g} leaves out 1, where as many turn bad as expected")


def _around_one(band: tuple[float, float]) -> tuple[float, float]:
    require_around_one(*band)
    return band


Band = Annotated[tuple[Positive, Positive], AfterValidator(_around_one)]


def _key(stricter: str, text: str, **limits: Any) -> Any:  # noqa: ANN401 - as Field itself
    return Field(description=text, json_schema_extra={"stricter": stricter}, **limits)


higher = partial(_key, "higher")  # of words, the later in the type
lower = partial(_key, "lower")
sooner = partial(_key, "sooner")  # of months, where 0 switches it off
narrower = partial(_key, "narrower")
more = partial(_key, "more")
either = partial(_key, "either")


class Section(BaseModel):
    """A part of a file that a person writes; an unknown key is an error."""

    # JSON has no infinity: what could not be frozen is refused
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _yes_is_no_number(cls, value: object, info: ValidationInfo) -> object:
        annotation = cls.model_fields[str(info.field_name)].annotation
        parts = value if isinstance(value, list) else [value]
        # the value first: to look at an annotation costs more, for thousands of keys
        if any(isinstance(part, bool) for part in parts) and _is_of_numbers(annotation):
            raise ValueError("YAML reads true or false here (so are yes and no): write a number")
        if not isinstance(value, str | date | None) and date in get_args(annotation):
            raise ValueError("no day; write it as 2023-04-30")
        return value


def _is_of_numbers(annotation: object) -> bool:
    return annotation in (int, float) or any(map(_is_of_numbers, get_args(annotation)))


class PolicySection(Section):
    """A part of the policy; a key that does not say which way it is stricter is refused."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        silent = [key for key, field in keys(cls).items() if not stricter(field)]
        if silent:
            raise TypeError(f"{cls.__name__}: say which way {', '.join(silent)} is stricter")


def keys(section: type[Section]) -> dict[str, FieldInfo]:
    """The keys in a section and in those below it (`rules.outage`), in the policy's order."""
    found: dict[str, FieldInfo] = {}
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            found |= {f"{name}.{key}": below for key, below in keys(field.annotation).items()}
        else:
            found[name] = field
    return found


def unit(field: FieldInfo) -> str:
    """What the number of a key counts; empty where its text says it."""
    if field.annotation is bool:
        return "on or off"
    return next((one for one in field.metadata if isinstance(one, Unit)), "")


def stricter(field: FieldInfo) -> str:
    """Which way a key is stricter, `lower` as an example; empty: it does not say."""
    extra = field.json_schema_extra
    return str(extra["stricter"]) if isinstance(extra, dict) else ""
