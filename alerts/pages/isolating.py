"""What is written from left to right inside lines from right to left, set apart as HTML so that it keeps its order (UAX 9).

A telephone number or a value such as "1.22 m (4 ft)" that stands bare in an Arabic line is shown with its parts swapped.
Pure.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_NUMBER = re.compile(r"\u200e?(\+?\d[\d ./()\u00a0-]{5,24}\d)")  # the mark that texts without markup need instead
_WHOLE = str.maketrans({" ": "\u00a0", "-": "\u2011"})


def whole(number: str) -> str:
    """A telephone number that no line breaks."""
    return number.translate(_WHOLE)


def numbers(text: str) -> Markup:
    """The text with each telephone number, date and the like in a <bdi> of its own."""
    parts, at = [], 0
    for found in _NUMBER.finditer(text):
        parts += [escape(text[at : found.start()]), Markup('<bdi dir="ltr">%s</bdi>') % whole(found[1])]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def valued(line: str) -> Markup:
    """A line "what: how" whose second part stands in the direction that its own first letter has."""
    what, colon, how = line.partition(": ")
    return Markup("%s: <bdi>%s</bdi>") % (what, numbers(how)) if colon else numbers(line)
