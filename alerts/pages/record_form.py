"""The record as a form: its fields as data. A field's name is its place in the record, "children.0.name", so that a
fault at /children/0/name stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts import programme
from alerts.wireless import LONG, PUSH_BODY, PUSH_TITLE, SHORT
from notifiers.catalogues import NAMES

Options = tuple[tuple[str, str], ...]

SEX: Options = (("", "not given"), ("female", "female"), ("male", "male"))
STATUS: Options = (
    ("Exercise", "Exercise: only people enrolled for tests"),
    ("Actual", "Actual: everyone in the area"),
    ("Test", "Test: only people enrolled for tests"),
)
PROGRAMMES: Options = (("", "That of your agency"), *((one.id, one.name) for one in programme.PROGRAMMES.values()))
ZONES: Options = (
    ("", "Choose"),
    ("America/New_York", "Eastern"),
    ("America/Chicago", "Central"),
    ("America/Denver", "Mountain"),
    ("America/Phoenix", "Arizona"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
    ("America/Puerto_Rico", "Atlantic"),
    ("UTC", "UTC"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """One input. `kind`: line, story, whole, height, weight, number, choice, check, moment."""

    name: str
    label: str
    kind: str = "line"
    hint: str = ""
    options: Options = ()
    required: bool = False
    extra: str = ""  # HTML attributes, ours


@dataclass(frozen=True, slots=True)
class Part:
    """Fields under one heading. `most` 0: the record has it once; else a list of at most that many, `least` shown."""

    key: str
    title: str
    fields: tuple[Field, ...] = field(repr=False)
    one: str = ""
    most: int = 0
    least: int = 0


LOOKS = (
    Field("age", "Age", "whole", "years", extra='inputmode="numeric"'),
    Field("sex", "Sex", "choice", options=SEX),
    Field("height_m", "Height", "height", "such as 4 ft 1 in, or 124 cm"),
    Field("weight_kg", "Weight", "weight", "such as 52 lb, or 24 kg"),
    Field("hair", "Hair", hint="such as long brown hair"),
    Field("eyes", "Eyes"),
    Field("clothing", "Clothing when last seen"),
    Field("marks", "Marks", hint="scars, birthmarks, glasses"),
)

CASE = Part(
    "",
    "The case",
    (
        Field("status", "Kind of alert", "choice", options=STATUS, required=True),
        Field("case_number", "Case number", required=True),
        Field("programme", "Programme", "choice", options=PROGRAMMES),
    ),
)
ATTESTATION = Part(
    "attestation",
    "What you stand in for",
    (
        Field("abduction", "There is reasonable belief that an abduction has occurred.", "check"),
        Field("imminent_danger", "The child is believed in imminent danger of serious injury or death.", "check"),
        Field("statement", "Why", "story", "For the second officer; it is not released."),
    ),
)
CHILDREN = Part(
    "children",
    "The child",
    (
        Field("name", "Name", hint="leave empty if it must not be released"),
        *LOOKS,
        Field("medical_needs", "Medical needs", hint="only what helps whoever finds the child"),
    ),
    one="child",
    most=10,
    least=1,
)
ABDUCTION = Part(
    "abduction",
    "When and where",
    (
        Field("at", "Last seen at", "moment", required=True),
        Field("place", "Place", hint="in words, as released to the public", required=True),
        Field("point.lat", "Latitude of the place", "number"),
        Field("point.lon", "Longitude of the place", "number"),
        Field("circumstances", "What happened", "story"),
        Field("direction_of_travel", "Direction of travel"),
    ),
)
VEHICLES = Part(
    "vehicles",
    "Vehicle",
    (
        Field("plate", "Licence plate", extra='autocapitalize="characters" autocomplete="off" spellcheck="false"'),
        Field("plate_region", "State of the plate", hint="in words: California"),
        Field("year", "Year", "whole", extra='inputmode="numeric"'),
        Field("make", "Make"),
        Field("model", "Model"),
        Field("body", "Body", hint="such as four-door sedan"),
        Field("colour", "Colour"),
        Field("marks", "Marks", hint="damage, stickers, what it carries"),
    ),
    one="vehicle",
    most=10,
)
SUSPECTS = Part(
    "suspects",
    "Suspect",
    (
        Field("name", "Name"),
        Field("relation", "Relation to the child"),
        *LOOKS,
        Field("armed_or_dangerous", "Armed or dangerous", "check"),
    ),
    one="suspect",
    most=10,
)
CONTACT = Part(
    "contact",
    "Whom people call",
    (
        Field("name", "Name", required=True),
        Field("telephone", "Telephone", required=True, hint="such as +1 916 555 0100", extra='inputmode="tel"'),
    ),
)
_OWN_WORDS = (
    Field("headline", "Headline"),
    Field("description", "Description", "story"),
    Field("instruction", "What people should do", "story"),
    Field(
        "wireless_90", "Wireless text, older phones", "story", f"at most {SHORT} characters; accents may be left off"
    ),
    Field("wireless_360", "Wireless text and SMS", "story", f"at most {LONG} characters; accents may be left off"),
    Field("push_title", "Notification: title", hint=f"at most {PUSH_TITLE} characters"),
    Field("push_body", "Notification: text", "story", f"at most {PUSH_BODY} characters"),
)
LANGUAGES: Options = tuple(NAMES.items())
UNWIRED = frozenset({"ar", "hi"})  # scripts that the wireless network's alphabet cannot write
TEXTS = tuple(
    Part(
        f"texts.{tag}",
        f"Words in place of the generated ones: {name}",
        tuple(one for one in _OWN_WORDS if not (tag in UNWIRED and one.name.startswith("wireless"))),
    )
    for tag, name in LANGUAGES
)
AREA_WORDS = Part("area", "The area in words", (Field("description", "What people call the area"),))

PARTS = (CASE, CHILDREN, ABDUCTION, VEHICLES, SUSPECTS, CONTACT, ATTESTATION, *TEXTS, AREA_WORDS)
LISTS = tuple(part for part in PARTS if part.most)


def place_in_form(pointer: str) -> str | None:
    """The name of the input that a fault at this JSON pointer belongs to; None for what no input holds."""
    steps = [step for step in pointer.split("/") if step]
    if not steps:
        return None
    if steps[0] == "area" and steps[1:2] != ["description"]:
        return _AREA.get(steps[1] if len(steps) > 1 else "", "places")
    if steps[0] in {"photos", "languages"}:
        return steps[0]
    if steps == ["children"]:
        return "children.0.name"
    name = ".".join(steps)
    return name if name in _NAMES or _nameless(name) in _NAMES else None


def label_of(name: str) -> str:
    """The words beside an input."""
    return _LABELS.get(_nameless(name)) or _AREA_LABELS.get(name, name)


def whole_label(name: str) -> str:
    """The words beside an input and those above it: "The child 2: Hair"."""
    for part in PARTS:
        if part.key and name.startswith(part.key + "."):
            index, _, _ = name.removeprefix(part.key + ".").partition(".")
            number = f" {int(index) + 1}" if part.most and index.isdecimal() and index != "0" else ""
            return f"{part.title}{number}: {label_of(name)}"
    return label_of(name)


def _nameless(name: str) -> str:
    """The name with the number of a list's item left out: children.0.age -> children.#.age."""
    return ".".join("#" if step.isdecimal() else step for step in name.split("."))


def full_name(part: Part, leaf: str, index: int | None = None) -> str:
    """The input's name: part, number of the item, leaf."""
    return ".".join(step for step in (part.key, "" if index is None else str(index), leaf) if step)


_AREA = {"same": "places", "circles": "latitude", "geojson": "coordinates"}
_AREA_LABELS = {
    "places": "Counties and states",
    "around": "Around a town",
    "latitude": "Latitude of the area",
    "longitude": "Longitude of the area",
    "radius": "Radius of the area",
    "coordinates": "Coordinates of the area",
    "photos": "Photo",
    "languages": "Languages",
} | {f"languages.{tag}": f"Language: {name}" for tag, name in LANGUAGES}
_LABELS = {
    ".".join(step for step in (part.key, "#" if part.most else "", one.name) if step): one.label
    for part in PARTS
    for one in part.fields
}
_NAMES = _LABELS.keys()
