"""The programmes under which alerts are issued: their criteria, ages, expiries and languages, as data with sources.

A figure that no source states is Lookout's own and says so. A programme whose rules could not be checked against its
source has `checked` False: it can drill, and cannot go live.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alerts import errors

HOUR_S = 3600
OUR_OWN = "Lookout's own default; the programme states none"

# Where a repeat takes the old notification's place on the screen. A second e-mail, SMS or post would only pile up.
REPLACED_IN_PLACE = ("web_push", "unified_push", "fcm", "apns")


@dataclass(frozen=True, slots=True)
class Programme:
    """One programme. `max_age` in completed years; `event` is CAP's, by language, the default first."""

    id: str
    name: str
    max_age: int
    needs_abduction: bool  # a child lost without being taken does not qualify
    needs_ncic: bool
    default_expiry_s: int
    longest_expiry_s: int
    event: Mapping[str, str]
    source: str
    expiry_source: str = OUR_OWN
    tells_outside: bool = True  # an update also goes to whom earlier versions told and its area no longer holds
    outside_source: str = OUR_OWN + ": who was told to look out must not go on by what is no longer so"
    repeat_after_s: int = HOUR_S  # an alert in force may be repeated no sooner than this after it was last said
    repeat_source: str = OUR_OWN
    repeats_on: tuple[str, ...] = REPLACED_IN_PLACE  # the channels on which a repeat goes to who was told before
    event_code: str = "CAE"  # SAME, 47 CFR 11.31(e): Child Abduction Emergency
    checked: bool = True

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.event)


US_AMBER = Programme(
    id="us-amber",
    name="AMBER Alert (United States)",
    max_age=17,
    needs_abduction=True,
    needs_ncic=True,
    default_expiry_s=24 * HOUR_S,
    longest_expiry_s=72 * HOUR_S,
    event={"en": "Child Abduction Emergency", "es": "Emergencia por secuestro de un menor"},
    source="US Department of Justice, AMBER Alert Best Practices, NCJ 232271, 2012: recommended criteria 1 to 5",
)

FR_ALERTE_ENLEVEMENT = Programme(
    id="fr-alerte-enlevement",
    name="Alerte enlèvement (France)",
    max_age=17,
    needs_abduction=True,
    needs_ncic=False,
    default_expiry_s=3 * HOUR_S,
    longest_expiry_s=24 * HOUR_S,
    event={"fr": "Alerte enlèvement"},
    source="Ministère de la Justice, alerte-enlevement.gouv.fr: les quatre critères de déclenchement",
    expiry_source="Message broadcast for three hours (Ministère de la Justice); the longest is Lookout's own",
    repeat_after_s=15 * 60,
    repeat_source="Message broadcast every 15 minutes while it lasts (Ministère de la Justice)",
)

NL_AMBER = Programme(
    id="nl-amber",
    name="AMBER Alert (Netherlands)",
    max_age=17,
    needs_abduction=False,
    needs_ncic=False,
    default_expiry_s=24 * HOUR_S,
    longest_expiry_s=72 * HOUR_S,
    event={"nl": "Vermist kind"},
    source="amberalertnederland.nl, The AMBER Alert criteria",
)

UK_CHILD_RESCUE = Programme(
    id="uk-child-rescue",
    name="Child Rescue Alert (United Kingdom)",
    max_age=17,
    needs_abduction=True,
    needs_ncic=False,
    default_expiry_s=24 * HOUR_S,
    longest_expiry_s=72 * HOUR_S,
    event={"en-GB": "Child Rescue Alert"},
    source="Four key criteria as published by police forces (2006 scheme); the current national policy was not seen",
    checked=False,
)

DEFAULT = US_AMBER
PROGRAMMES: Mapping[str, Programme] = {
    programme.id: programme for programme in (US_AMBER, FR_ALERTE_ENLEVEMENT, NL_AMBER, UK_CHILD_RESCUE)
}


def get(programme_id: str) -> Programme:
    """The programme; NotFound names those there are."""
    try:
        return PROGRAMMES[programme_id]
    except KeyError:
        raise errors.NotFound(f"no such programme; there are {', '.join(PROGRAMMES)}") from None
