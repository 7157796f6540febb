"""A full record, all of it invented: the example in the published schema and in the API's documentation."""

from __future__ import annotations

from typing import Any

EXAMPLE: dict[str, Any] = {
    "status": "Exercise",
    "programme": "us-amber",
    "case_number": "EX-2026-0001",
    "ncic": {"number": "M000000001", "child_abduction_flag": True, "amber_alert_flag": True},
    "attestation": {
        "abduction": True,
        "imminent_danger": True,
        "statement": "Invented: a neighbour saw the child pulled into a car.",
    },
    "children": [
        {
            "name": "Robin Example",
            "age": 7,
            "sex": "female",
            "height_m": 1.22,
            "weight_kg": 24,
            "hair": "short brown hair",
            "eyes": "green",
            "clothing": "a yellow raincoat and red boots",
            "marks": "a small scar on the left knee",
            "medical_needs": "needs an inhaler for asthma",
        }
    ],
    "suspects": [{"name": "Max Example", "age": 41, "sex": "male", "hair": "grey hair", "relation": "stranger"}],
    "vehicles": [
        {
            "year": 2012,
            "make": "Toyota",
            "model": "Corolla",
            "body": "four-door sedan",
            "colour": "silver",
            "plate": "EX4MPLE",
            "plate_region": "California",
        }
    ],
    "abduction": {
        "at": "2026-01-15T15:40:00-08:00",
        "place": "Example Park, Sacramento",
        "point": {"lon": -121.4944, "lat": 38.5816},
        "circumstances": "She was last seen at the playground.",
        "direction_of_travel": "north on Interstate 5",
    },
    "contact": {"name": "Example Sheriff's Office", "telephone": "+1 916 555 0100"},
    "area": {
        "description": "Sacramento County and 40 km around Example Park",
        "same": ["006067"],
        "circles": [{"lon": -121.4944, "lat": 38.5816, "radius_m": 40000}],
    },
    "languages": ["en", "es"],
    "texts": {"en": {"instruction": "Do not approach. Call 911 or the number below."}},
    "photos": [],
}
