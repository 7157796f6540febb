"""The AMBER record: the case as law enforcement knows it, in the shape in which it comes in as JSON.

Nothing here is filled in for the sender: what is not known is left out, and nothing is said about it. An unknown
member is a fault, so that a misspelt one is never lost in silence. `json_schema` is what is published.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from alerts.bounded import Day, Headline, Identifier, Language, Lat, Line, Lon, Moment, Story, Strict, Telephone, Time
from alerts.record_area import AreaParts
from alerts.record_example import EXAMPLE

Age = Annotated[int, Field(ge=0, le=120)]


class Person(Strict):
    """What is known of somebody. Leave out what is unknown or must not be released."""

    name: Line | None = None
    age: Age | None = Field(None, description="Years.")
    birth_date: Day | None = None
    sex: Literal["female", "male"] | None = None
    height_m: Annotated[float, Field(ge=0.2, le=2.7)] | None = Field(None, description="Metres: 1.22 is four feet.")
    weight_kg: Annotated[float, Field(ge=1, le=400)] | None = Field(None, description="Kilograms.")
    hair: Line | None = Field(None, description="In words: long brown hair.")
    eyes: Line | None = None
    complexion: Line | None = None
    race_or_ethnicity: Line | None = None
    clothing: Line | None = Field(None, description="What they wore when last seen.")
    marks: Line | None = Field(None, description="Scars, birthmarks, tattoos, glasses.")


class Child(Person):
    """A missing child."""

    medical_needs: Line | None = Field(None, description="Only what helps whoever finds the child.")


class Suspect(Person):
    """Who is believed to have taken the child."""

    relation: Line | None = Field(None, description="Relation to the child: father, stranger.")
    armed_or_dangerous: bool = False


class Vehicle(Strict):
    """A vehicle to look for."""

    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    make: Line | None = None
    model: Line | None = None
    body: Line | None = Field(None, description="Four-door sedan, pickup.")
    colour: Line | None = None
    plate: Line | None = None
    plate_region: Line | None = Field(None, description="State or country of the plate, in words.")
    marks: Line | None = Field(None, description="Damage, stickers, what it carries.")

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
    place: Line = Field(description="The place in words, as released to the public.")
    point: Point | None = None
    circumstances: Story | None = None
    direction_of_travel: Line | None = None


class Contact(Strict):
    """Whom people call."""

    name: Line
    telephone: Telephone


class Ncic(Strict):
    """The entry in the National Crime Information Center's missing person file."""

    number: Line | None = None
    child_abduction_flag: bool = False
    amber_alert_flag: bool = False


class Attestation(Strict):
    """What the agency stands in for."""

    abduction: bool = Field(description="There is reasonable belief that an abduction has occurred.")
    imminent_danger: bool = Field(description="The child is believed in imminent danger of serious injury or death.")
    statement: Story | None = Field(None, description="Why; for the second officer, not released.")


class Texts(Strict):
    """Words that replace the generated ones in one language."""

    headline: Headline | None = None
    description: Story | None = None
    instruction: Story | None = None


class Photo(Strict):
    """A photo: its bytes, or the number of one that is held for this alert already."""

    base64: str | None = Field(None, description="JPEG, PNG or WebP.", repr=False)
    photo_id: Annotated[int, Field(ge=1)] | None = Field(None, description="A photo Lookout holds for this alert.")
    description: Line | None = Field(None, description="Who and what it shows, for those who cannot see it.")


class Record(Strict):
    """One case. `status` is CAP's: only Actual reaches people who are not enrolled for tests."""

    model_config = ConfigDict(title="AMBER record", json_schema_extra={"examples": [EXAMPLE]})

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

    @model_validator(mode="after")
    def _names_itself_whole(self) -> Self:
        if (self.identifier is None) is not (self.sent_at is None):
            raise PydanticCustomError("identity", "identifier and sent_at are given together or not at all")
        return self


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the record, with descriptions and a full example."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Record.model_json_schema()
