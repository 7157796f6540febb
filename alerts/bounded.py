"""The bounded types of what comes in: every text has a length, every number a range, every time a zone."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

KEPT_CONTROLS = "\t\n\r"
HIDDEN = frozenset({"Cc", "Cs", "Co", "Cn"})  # control, surrogate, private use, unassigned
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # bidirectional overrides: they fake text


def readable(text: str) -> str:
    """`text` unless it holds what people cannot see, XML 1.0 cannot carry, or what turns the reading direction."""
    for character in text:
        if character in TURNING or (character not in KEPT_CONTROLS and unicodedata.category(character) in HIDDEN):
            raise ValueError(f"must not hold the character U+{ord(character):04X}")
    return text


def one_line(text: str) -> str:
    if len(text.splitlines()) > 1:
        raise ValueError("must be one line")
    return readable(text)


def _at_most(most: int) -> BeforeValidator:
    """Counted as it came, blanks around it too: what the published schema says of a length is what is asked."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and len(value) > most:
            raise PydanticCustomError(
                "string_too_long", "must have {max_length} characters at most", {"max_length": most}
            )
        return value

    return BeforeValidator(check)


def _written(value: Any) -> Any:
    """Dates and times come as text: a bare number could be seconds, milliseconds or a mistake."""
    if isinstance(value, str | date):
        return value
    raise ValueError("must be text as RFC 3339 writes it")


def _after_1900(day: date) -> date:
    if day.year < 1900:
        raise ValueError("must be after 1900")
    return day


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("is no time this calendar reaches") from None


class Strict(BaseModel):
    """What comes from outside: no unknown member, no silent conversion, no NaN, frozen once read."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, hide_input_in_errors=True)


_trimmed = StringConstraints(strip_whitespace=True, min_length=1)
Line = Annotated[str, _trimmed, StringConstraints(max_length=200), _at_most(200), AfterValidator(one_line)]
Line20 = Annotated[str, _trimmed, StringConstraints(max_length=20), _at_most(20), AfterValidator(one_line)]
Line65 = Annotated[str, _trimmed, StringConstraints(max_length=65), _at_most(65), AfterValidator(one_line)]
Line90 = Annotated[str, _trimmed, StringConstraints(max_length=90), _at_most(90), AfterValidator(one_line)]
Headline = Annotated[str, _trimmed, StringConstraints(max_length=160), _at_most(160), AfterValidator(one_line)]
Story = Annotated[str, _trimmed, StringConstraints(max_length=4000), _at_most(4000), AfterValidator(readable)]
Text240 = Annotated[str, _trimmed, StringConstraints(max_length=240), _at_most(240), AfterValidator(readable)]
Text360 = Annotated[str, _trimmed, StringConstraints(max_length=360), _at_most(360), AfterValidator(readable)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", max_length=35)]
Telephone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ().-]{1,28}[0-9]( ?(x|ext\.?) ?[0-9]{1,6})?$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[^\s,<&]{1,200}$"), AfterValidator(one_line)]  # CAP 3.2.1
Time = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written), AfterValidator(_utc)]
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written)]  # keeps its offset: people read it
Day = Annotated[date, Field(strict=False), BeforeValidator(_written)]
Born = Annotated[Day, AfterValidator(_after_1900)]
Lon = Annotated[float, Field(ge=-180, le=180, description="Degrees east, WGS 84.")]
Lat = Annotated[float, Field(ge=-90, le=90, description="Degrees north, WGS 84.")]
