"""The programmes under which alerts are issued: their criteria, ages, expiries and languages, as data with sources."""

from __future__ import annotations

from collections.abc import Mapping

from alerts import errors
from alerts.programme_kind import HOUR_S, REPLACED_IN_PLACE, AlertClass, Programme, Rule, Source
from alerts.programmes_americas import CA_AMBER, CA_QC_AMBER, MX_AMBER, US_AMBER
from alerts.programmes_overseas import AU_AMBER, AU_QLD_AMBER, FR_ALERTE_ENLEVEMENT, NL_AMBER, UK_CHILD_RESCUE

__all__ = ["DEFAULT", "HOUR_S", "PROGRAMMES", "REPLACED_IN_PLACE", "AlertClass", "Programme", "Rule", "Source", "get"]

DEFAULT = US_AMBER
_ALL = (
    US_AMBER,
    CA_QC_AMBER,
    CA_AMBER,
    MX_AMBER,
    FR_ALERTE_ENLEVEMENT,
    NL_AMBER,
    UK_CHILD_RESCUE,
    AU_QLD_AMBER,
    AU_AMBER,
)
PROGRAMMES: Mapping[str, Programme] = {programme.id: programme for programme in _ALL}


def get(programme_id: str) -> Programme:
    """The programme; NotFound names those there are."""
    try:
        return PROGRAMMES[programme_id]
    except KeyError:
        raise errors.NotFound(f"no such programme; there are {', '.join(PROGRAMMES)}") from None
