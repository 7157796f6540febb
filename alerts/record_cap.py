"""What a CAP message can say and a case has no word for: kept in the record, so that CAP -> record -> CAP loses none of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from alerts.bounded import Line, Story, Strict

Web = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]{1,1990}$")]


class Pair(Strict):
    """A valueName and its value (CAP 1.2 section 3.2.2)."""

    name: Line
    value: Annotated[str, StringConstraints(max_length=4000)]


class CapResource(Strict):
    """A file that lies elsewhere (CAP 1.2 section 3.2.3)."""

    description: Line
    mime_type: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$&^_.+-]{1,63}/[A-Za-z0-9!#$&^_.+-]{1,63}$")]
    uri: Web | None = None
    size: Annotated[int, Field(ge=0, lt=10**15)] | None = None
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{40,128}$")] | None = None


class CapParts(Strict):
    """Of the message, and of what it says in its first language."""

    source: Line | None = None
    codes: list[Line] = Field(default_factory=list, max_length=50, description="CAP's <code>.")
    note: Story | None = None
    incidents: list[Line] = Field(default_factory=list, max_length=50)
    event_codes: list[Pair] = Field(default_factory=list, max_length=50, description="In place of the programme's.")
    parameters: list[Pair] = Field(default_factory=list, max_length=200)
    resources: list[CapResource] = Field(default_factory=list, max_length=50)
    web: Web | None = None
