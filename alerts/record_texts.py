"""Words that replace the generated ones, in one language, each within the limits of its medium."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from alerts.bounded import Headline, Line65, Line90, Story, Strict, Text240, Text360
from alerts.plain_words import PLAIN_AS_WRITTEN
from alerts.vocabulary import words
from alerts.wireless import LONG, PUSH_TITLE, SHORT, septets, strange, to_gsm7


def _wireless(most: int) -> AfterValidator:
    """In the alphabet of the phones' network, and at most so many places of it."""

    def check(text: str) -> str:
        written = to_gsm7(text)
        if written is None:
            said = "cannot be sent by the wireless network, which does not know {characters}"
            raise PydanticCustomError("gsm7", said, {"characters": " ".join(strange(text))})
        if septets(written) > most:
            raise PydanticCustomError("septets", "must have {most} characters at most", {"most": most})
        return written

    return AfterValidator(check)


Wireless90 = Annotated[Line90, PLAIN_AS_WRITTEN, _wireless(SHORT)]
Wireless360 = Annotated[Text360, PLAIN_AS_WRITTEN, _wireless(LONG)]


class Texts(Strict):
    """Words that replace the generated ones in one language: none is changed, so none may be short for another."""

    headline: Annotated[Headline, PLAIN_AS_WRITTEN] | None = None
    description: Annotated[Story, PLAIN_AS_WRITTEN] | None = None
    instruction: Annotated[Story, PLAIN_AS_WRITTEN] | None = None
    wireless_90: Annotated[Wireless90 | None, Field(description="Wireless text of older phones, in GSM-7.")] = None
    wireless_360: Annotated[Wireless360 | None, Field(description="Of newer phones, in GSM-7; also the SMS.")] = None
    push_title: Annotated[Line65, PLAIN_AS_WRITTEN] | None = None
    push_body: Annotated[Text240, PLAIN_AS_WRITTEN] | None = None


SIZES: Mapping[str, tuple[int, Callable[[str], int]]] = {  # of the texts that a drill's mark stands in
    "wireless_90": (SHORT, septets),
    "wireless_360": (LONG, septets),
    "push_title": (PUSH_TITLE, len),
}


def too_long_when_marked(texts: Mapping[str, Texts], status: str) -> Iterator[tuple[str, str, int]]:
    """(language, member, most) of each text that does not fit once EXERCISE: stands before it."""
    for language, said in texts.items():
        for name, (most, size) in SIZES.items():
            text = getattr(said, name)
            if text and size(marked(text, language, status)) > most:
                yield language, name, most


def marked(text: str, language: str, status: str) -> str:
    """With the word for what is not real before it, once."""
    mark = words(language)[f"mark_{status.lower()}"] if status != "Actual" else ""
    return text if not mark or text.upper().startswith(mark) else f"{mark}: {text}"
