"""CAP 1.2 XML <-> Alert: the door to the modules that speak it.

cap_elements   the standard's elements as data (1.2, 1.1, 1.0)
cap_faults     what is wrong, and how grave it is by policy
cap_values     how single texts are written
cap_xml        bytes -> blocks of checked text (no DOCTYPE, no entities, no network, bounded)
cap_area       texts of polygons and circles -> positions
cap_read       blocks -> Alert
cap_write      Alert -> bytes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.cap_elements import CONTENT_TYPE, NAMESPACE
from alerts.cap_read import Reading, read
from alerts.cap_xml import MAX_BYTES, claims_cap

__all__ = ["CONTENT_TYPE", "MAX_BYTES", "NAMESPACE", "Reading", "claims_cap", "read", "write"]

if TYPE_CHECKING:
    from alerts.model import Alert


def write(alert: Alert) -> bytes:
    """The message as CAP 1.2 in UTF-8 (`alerts.cap_write`, which needs what draws areas; reading does not)."""
    from alerts import cap_write

    return cap_write.write(alert)
