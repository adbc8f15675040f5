"""What all sections of the config share: the base model and the types of options that occur more than once."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


class Section(BaseModel):
    """A section of the config: unknown keys and values of another type are errors, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, serialize_by_alias=True)


def one_of(values: Iterable[str]) -> tuple[Any, Any]:
    """Return a validator that accepts only ``values``, and their enumeration for the JSON schema."""
    known: list[Any] = list(values)

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"expected one of {', '.join(known)}, found {value!r}")
        return value

    return AfterValidator(check), Field(json_schema_extra={"enum": known})


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if repeated := sorted({value for value in values if values.count(value) > 1}):
        raise ValueError(f"expected each value once, found {', '.join(repeated)} more than once")
    return tuple(sorted(values))


DISTINCT = (Field(strict=False, json_schema_extra={"uniqueItems": True}), AfterValidator(_distinct))
"""For a tuple of strings whose order means nothing: a list of different values, which is then sorted."""
OFF = BeforeValidator(lambda value: "off" if value is False else value)
"""For an option with the value ``off``, which YAML reads as false."""

Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Names = Annotated[tuple[Text, ...], *DISTINCT]

_URL = r"^https?://[^?@]+$"
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
REPOSITORY_PATTERN = r"^([A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*)?$"
ADDRESS_PATTERN = r"^[^\s]*$"
GROUP_PATTERN = "^[a-z_]+$"
PATTERNS = {
    _URL: "an http or https URL without user, password and query",
    NAME_PATTERN: "letters, digits, . _ - that begin with a letter or digit",
    REPOSITORY_PATTERN: "ORG/NAME of letters, digits, . _ -, or nothing",
    ADDRESS_PATTERN: "an e-mail address without blanks",
    GROUP_PATTERN: "lower-case letters and _",
}
"""The patterns of options in words, for messages."""
HttpUrl = Annotated[str, Field(pattern=_URL)]
