"""People, vehicles and times in plain words: pure, from a record's fields to lines people read.

What is not known produces no words at all. What an officer wrote is never translated: it stands behind a translated
label.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from alerts.record import Child, Person, Record, Suspect, Vehicle
from alerts.vocabulary import Words, listed, words, years_old

INCH_M = 0.0254
POUND_KG = 0.453_592_37
ADULT = 18
FIELDS = ("hair", "eyes", "complexion", "race_or_ethnicity", "clothing", "marks")


def years(person: Person, on: date) -> int | None:
    """Completed years on a day; the stated age where no birth date is known."""
    if person.birth_date is None:
        return person.age
    born = person.birth_date
    return max(0, on.year - born.year - ((on.month, on.day) < (born.month, born.day)))


def age(person: Person, on: date, language: str) -> str | None:
    """The age in words: 7 years old."""
    completed = years(person, on)
    if completed is None:
        return None
    return words(language)["age_0"] if completed == 0 else years_old(completed, language)


def sex(person: Person, on: date, language: str) -> str | None:
    """Girl, boy, woman, man: by sex and age; a child of unknown age is called a child."""
    if person.sex is None:
        return None
    completed = years(person, on)
    adult = completed >= ADULT if completed is not None else not isinstance(person, Child)
    return words(language)[{"female": ("girl", "woman"), "male": ("boy", "man")}[person.sex][adult]]


def person_lines(person: Person, language: str) -> tuple[str, ...]:
    """One line for each thing that is known beside name, age and sex, each with its label."""
    said = words(language)
    found = [(label, _measure(person, label, said)) for label in ("height", "weight")]
    found += [(label, getattr(person, label)) for label in FIELDS]
    if isinstance(person, Child):
        found.append(("medical_needs", person.medical_needs))
    if isinstance(person, Suspect):
        found.append(("relation", person.relation))
    lines = [labelled(said, label, value) for label, value in found if value]
    return (*lines, *([said["dangerous"]] if isinstance(person, Suspect) and person.armed_or_dangerous else []))


def person_line(person: Person, on: date, language: str) -> str:
    """Somebody in one line: name, sex, age, then what is known, as sentences."""
    who = [part for part in (person.name, sex(person, on, language), age(person, on, language)) if part]
    return sentences([listed(who, words(language)["listed"]), *person_lines(person, language)])


def vehicle_line(vehicle: Vehicle, *, plate: bool = True, language: str = "en") -> str:
    """A vehicle in one line: silver 2012 Toyota Corolla four-door sedan, plate EX4MPLE (California); a dent."""
    year = str(vehicle.year) if vehicle.year else None
    looks = " ".join(part for part in (vehicle.colour, year, vehicle.make, vehicle.model, vehicle.body) if part)
    region = f" ({vehicle.plate_region})" if vehicle.plate_region else ""
    number = f"{words(language)['plate']} {vehicle.plate}{region}" if plate and vehicle.plate else None
    return "; ".join(part for part in (", ".join(p for p in (looks, number) if p), vehicle.marks) if part)


def circumstances(record: Record, language: str) -> tuple[str, ...]:
    """Where and when, how, and where to: one line each."""
    said, taken = words(language), record.abduction
    seen = labelled(said, "last_seen", listed((taken.place, moment(taken.at, language)), said["listed"]))
    way = taken.direction_of_travel and labelled(said, "travel", taken.direction_of_travel)
    lines = [seen, taken.circumstances, way]
    return tuple(line for line in lines if line)


def labelled(said: Words, label: str, value: str) -> str:
    """Hair: brown; in French with a blank before the colon."""
    return said["labelled"].format(label=said[label], value=value)


def moment(at: datetime, language: str) -> str:
    """A time as its place reads it: in the offset in which it was given."""
    said = words(language)
    time = (
        f"{at:%H:%M}" if said is not words("en") else f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"
    )
    return said["moment"].format(month=said["months"].split()[at.month - 1], day=at.day, year=at.year, time=time)


def sentences(parts: Iterable[str]) -> str:
    """Parts as sentences on one line, each with one full stop."""
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)


def _measure(person: Person, label: str, said: Words) -> str | None:
    if label == "height" and person.height_m is not None:
        whole, part = f"{person.height_m:.2f}".split(".")
        metric = f"{said['decimal'].format(whole=whole, part=part)} m"
        return said["units"].format(metric=metric, imperial=_feet(person.height_m))
    if label == "weight" and person.weight_kg is not None:
        pounds = round(person.weight_kg / POUND_KG)
        return said["units"].format(metric=f"{person.weight_kg:.0f} kg", imperial=f"{pounds} lb")
    return None


def _feet(height_m: float) -> str:
    feet, inches = divmod(round(height_m / INCH_M), 12)
    return f"{feet} ft {inches} in"
