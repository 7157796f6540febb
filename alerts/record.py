"""The AMBER record: the case as law enforcement knows it, in the shape in which it comes in as JSON.

Nothing here is filled in for the sender: what is not known is left out, and nothing is said about it. An unknown
member is a fault, so that a misspelt one is never lost in silence. `json_schema` is what is published.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from alerts.bounded import Born, Identifier, Language, Lat, Line, Line20, Lon, Moment, Story, Strict, Telephone, Time
from alerts.plain_words import Name, PlainLine, PlainStory, Region
from alerts.record_area import AreaParts
from alerts.record_cap import CapParts
from alerts.record_example import EXAMPLE
from alerts.record_texts import Texts

MAX_BASE64 = 28_000_000  # characters: 20 MiB of photo; a setting asks for less
Age = Annotated[int, Field(ge=0, le=120)]


class Person(Strict):
    """What is known of somebody. Leave out what is unknown or must not be released; abbreviations are written out."""

    name: Name | None = Field(None, description="Leave out where it is unknown or not released.")
    age: Age | None = Field(None, description="Years.")
    birth_date: Born | None = Field(None, description="Read as an age; the date itself is not released.")
    sex: Literal["female", "male"] | None = None
    height_m: Annotated[float, Field(ge=0.2, le=2.7)] | None = Field(None, description="Metres: 1.22 is four feet.")
    weight_kg: Annotated[float, Field(ge=1, le=400)] | None = Field(None, description="Kilograms.")
    hair: PlainLine | None = Field(None, description="In words: long brown hair.")
    eyes: PlainLine | None = None
    complexion: PlainLine | None = None
    race_or_ethnicity: PlainLine | None = None
    clothing: PlainLine | None = Field(None, description="What they wore when last seen.")
    marks: PlainLine | None = Field(None, description="Scars, birthmarks, tattoos, glasses.")


class Child(Person):
    """A missing child."""

    medical_needs: PlainLine | None = Field(None, description="Only what helps whoever finds the child.")


class Suspect(Person):
    """Who is believed to have taken the child."""

    relation: PlainLine | None = Field(None, description="Relation to the child: father, stranger.")
    armed_or_dangerous: bool = False


class Vehicle(Strict):
    """A vehicle to look for."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    make: PlainLine | None = None
    model: PlainLine | None = None
    body: PlainLine | None = Field(None, description="Four-door sedan, pickup.")
    colour: PlainLine | None = None
    plate: Line | None = None
    plate_region: Region | None = Field(None, description="State or country of the plate, in words.")
    marks: PlainLine | None = Field(None, description="Damage, stickers, what it carries.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise PydanticCustomError("empty", "must say something of the vehicle, or be left out")
        return self


class Point(Strict):
    lon: Lon
    lat: Lat


class Abduction(Strict):
    """When, where and how."""

    at: Moment = Field(description="When the child was taken or last seen, with the offset of the place.")
    place: PlainLine = Field(description="The place in words, as released to the public.")
    point: Point | None = None
    circumstances: PlainStory | None = None
    direction_of_travel: PlainLine | None = None


class Contact(Strict):
    """Whom people call."""

    name: Line
    telephone: Telephone


class Ncic(Strict):
    """The entry in the National Crime Information Center's missing person file."""

    number: Line20 | None = None
    child_abduction_flag: bool = False
    amber_alert_flag: bool = False


class Attestation(Strict):
    """What the agency stands in for."""

    abduction: bool = Field(description="There is reasonable belief that an abduction has occurred.")
    imminent_danger: bool = Field(description="The child is believed in imminent danger of serious injury or death.")
    statement: Story | None = Field(None, description="Why; for the second officer, not released.")


Shown = Annotated[str, StringConstraints(pattern=r"^/(children|suspects|vehicles)/[0-9]$")]


class Photo(Strict):
    """A photo: its bytes, or the number of one that is held for this alert already."""

    base64: str | None = Field(None, max_length=MAX_BASE64, description="JPEG, PNG or WebP.", repr=False)
    photo_id: Annotated[int, Field(ge=1)] | None = Field(None, description="A photo Lookout holds for this alert.")
    description: PlainLine | None = Field(None, description="Who and what it shows, for those who cannot see it.")
    of: Shown | None = Field(
        None, description="Whom or what it shows, as a JSON pointer: /children/0. Default: the first child."
    )
    again: bool = Field(
        False, description="It was in an alert that has ended, and a person looked: it is meant to be shown again."
    )


PAIR: dict[str, Any] = {"identifier": ["sent_at"], "sent_at": ["identifier"]}


class Record(Strict):
    """One case. `status` is CAP's: only Actual reaches people who are not enrolled for tests."""

    model_config = ConfigDict(
        title="AMBER record", json_schema_extra={"examples": [EXAMPLE], "dependentRequired": PAIR}
    )

    status: Literal["Actual", "Exercise", "Test"]
    programme: str | None = Field(None, max_length=32, description="The issuing programme. Default: the agency's.")
    identifier: Identifier | None = Field(None, description="Yours, with sent_at: a replay of both changes nothing.")
    sent_at: Time | None = None
    expires_at: Time | None = Field(None, description="Default: the programme's.")
    agency: Line | None = Field(None, description="Name shown to people. Default: the agency's.")
    case_number: Line
    ncic: Ncic | None = None
    attestation: Attestation
    children: list[Child] = Field(min_length=1, max_length=10)
    suspects: list[Suspect] = Field(default_factory=list, max_length=10)
    vehicles: list[Vehicle] = Field(default_factory=list, max_length=10)
    abduction: Abduction
    contact: Contact
    area: AreaParts
    languages: list[Language] = Field(default_factory=list, max_length=8, description="BCP 47, the default first.")
    texts: dict[Language, Texts] = Field(default_factory=dict, max_length=8, description="By language.")
    photos: list[Photo] = Field(default_factory=list, max_length=8)
    cap: CapParts | None = Field(None, description="What a CAP message said that a record has no other place for.")

    @model_validator(mode="after")
    def _names_itself_whole(self) -> Self:
        if (self.identifier is None) is not (self.sent_at is None):
            raise PydanticCustomError("identity", "identifier and sent_at are given together or not at all")
        return self


SCHEMA_ID = "urn:lookout:schema:record:1"


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the record, with descriptions and a full example."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID} | Record.model_json_schema()
