"""What a recipient chose beside places and hours, as the API says it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from alerts.api.wire import Wire, example
from alerts.programme import AlertClass

Tag = Annotated[str, Field(max_length=35, description="BCP 47.")]


class ClassesIn(Wire):
    """At least one: who wants none leaves. Of which class a programme's alerts are: `GET /v1/programmes`."""

    model_config = example(classes=["abduction"])
    classes: Annotated[list[AlertClass], Field(max_length=8)]


class LanguagesIn(Wire):
    """One to three, the one you read best first."""

    model_config = example(languages=["es", "en"])
    languages: Annotated[list[Tag], Field(max_length=8)]


class SettingsOut(Wire):
    """Both as they are stored."""

    model_config = example(classes=["abduction", "endangered"], languages=["es", "en"])
    classes: list[AlertClass]
    languages: list[str]
