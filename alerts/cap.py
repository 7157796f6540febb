"""CAP 1.2 XML <-> Alert: the door to the modules that speak it.

cap_elements   the standard's elements as data
cap_xml        bytes -> blocks of checked text (no DOCTYPE, no entities, no network, bounded)
cap_read       blocks -> Alert
cap_write      Alert -> bytes
"""

from __future__ import annotations

from alerts.cap_elements import CONTENT_TYPE, NAMESPACE
from alerts.cap_read import Reading, read
from alerts.cap_write import write

__all__ = ["CONTENT_TYPE", "NAMESPACE", "Reading", "read", "write"]
