"""The fixed words that people read, by language. A language is whole or it is not here; others are told in English."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]

ENGLISH: Words = {
    "missing": "Missing child",
    "missing_many": "Missing children",
    "girl": "girl",
    "boy": "boy",
    "woman": "woman",
    "man": "man",
    "age_0": "under 1 year old",
    "age_1": "1 year old",
    "age_n": "{n} years old",
    "height": "Height",
    "weight": "Weight",
    "hair": "Hair",
    "eyes": "Eyes",
    "complexion": "Complexion",
    "race_or_ethnicity": "Race or ethnicity",
    "clothing": "Wearing",
    "marks": "Marks",
    "medical_needs": "Medical needs",
    "relation": "Relation to the child",
    "dangerous": "May be armed or dangerous",
    "suspect": "Suspect",
    "vehicle": "Vehicle",
    "plate": "plate",
    "last_seen": "Last seen",
    "travel": "Direction of travel",
    "seen_child": "the child",
    "seen_suspect": "the suspect",
    "seen_vehicle": "the vehicle",
    "or": "or",
    "call": "If you see {seen}, call {name}: {telephone}.",
    "keep_away": "Do not approach.",
    "over_headline": "The missing child alert is over",
    "over_body": "The alert in your area is over. Please stop looking. Thank you for your help.",
    "expired_body": "The alert in your area has reached its end. Please stop looking. Thank you for your help.",
    "months": "January February March April May June July August September October November December",
    "moment": "{month} {day}, {year} at {time}",
    "units": "{metric} ({imperial})",
}

SPANISH: Words = {
    "missing": "Menor desaparecido",
    "missing_many": "Menores desaparecidos",
    "girl": "niña",
    "boy": "niño",
    "woman": "mujer",
    "man": "hombre",
    "age_0": "menos de 1 año",
    "age_1": "1 año",
    "age_n": "{n} años",
    "height": "Estatura",
    "weight": "Peso",
    "hair": "Cabello",
    "eyes": "Ojos",
    "complexion": "Tez",
    "race_or_ethnicity": "Raza o etnia",
    "clothing": "Viste",
    "marks": "Señas",
    "medical_needs": "Necesidades médicas",
    "relation": "Relación con el menor",
    "dangerous": "Puede estar armado o ser peligroso",
    "suspect": "Sospechoso",
    "vehicle": "Vehículo",
    "plate": "placa",
    "last_seen": "Visto por última vez",
    "travel": "Rumbo",
    "seen_child": "al menor",
    "seen_suspect": "al sospechoso",
    "seen_vehicle": "el vehículo",
    "or": "o",
    "call": "Si ve {seen}, llame a {name}: {telephone}.",
    "keep_away": "No se acerque.",
    "over_headline": "La alerta por un menor desaparecido terminó",
    "over_body": "La alerta en su zona terminó. Ya no hace falta buscar. Gracias por su ayuda.",
    "expired_body": "La alerta en su zona llegó a su fin. Ya no hace falta buscar. Gracias por su ayuda.",
    "months": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "moment": "{day} de {month} de {year}, {time}",
    "units": "{metric} ({imperial})",
}

VOCABULARY: Mapping[str, Words] = {"en": ENGLISH, "es": SPANISH}


def words(language: str) -> Words:
    """The words of a BCP 47 language by its first part: es-US reads Spanish; what is not here reads English."""
    return VOCABULARY.get(language.partition("-")[0].lower(), ENGLISH)
