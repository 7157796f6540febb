"""What wire types share, and the JSON that comes in: bounded, strict, each with an example."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal, Self

from fastapi import HTTPException, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from alerts.api.access import GatedRoute
from alerts.bounded import readable
from alerts.languages import known_language
from alerts.model import Problem, Severity
from alerts.strict_json import NotJson, loads
from geo import kinds

HEX64 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ALERT_ID = "Yk3vQ0mJt2Wn8sRb"
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[-105.2, 39.5], [-104.6, 39.5], [-104.6, 40.0], [-105.2, 40.0], [-105.2, 39.5]]],
}

Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(readable)]


class BadJson(HTTPException):
    """400 with its fault; an HTTPException, since the framework replaces every other kind raised while a body is read."""

    def __init__(self, error: NotJson) -> None:
        super().__init__(400, str(error))
        self.problems = (Problem(Severity.ERROR, error.type, "", str(error)),)


class _StrictRequest(Request):
    async def json(self) -> Any:
        try:
            return loads(await self.body())
        except NotJson as error:
            raise BadJson(error) from None


class StrictRoute(GatedRoute):
    """A route whose JSON is read as `alerts.strict_json` reads it: an approval with two hashes approves nothing."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strictly


class Wire(BaseModel):
    """Unknown members are refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def example(**members: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [members]})


class Approval(Wire):
    """An approval is bound to what was looked at: the hash of the content and, if given, the reach that was shown."""

    model_config = example(content_hash=HEX64, reach=41872)
    content_hash: str = Field(pattern="^[0-9a-f]{64}$")
    reach: int | None = Field(default=None, ge=0, le=2**32)
    reason: Note | None = Field(
        default=None, description="Why so many; needed above the programme's limit. Names nobody."
    )


class Remark(Wire):
    """Why it is returned or rejected: shown to its authors, kept sealed."""

    model_config = example(note="The plate is missing its state.")
    note: Note


class LessIn(Wire):
    """What is to be less of an alert in force; one person may. Anything that adds is refused."""

    model_config = example(withdraw=["/photos/0", "/children/0/name"])
    withdraw: list[Annotated[str, StringConstraints(min_length=2, max_length=200, pattern="^/")]] = Field(
        default=[], max_length=50, description="JSON pointers (RFC 6901) into the record."
    )
    area: dict[str, Any] | None = Field(default=None, description="A smaller area, as in `AreaIn`.")
    expires_at: AwareDatetime | None = Field(default=None, description="An earlier end.")


class AreaIn(Wire):
    """An area: GeoJSON (Polygon, MultiPolygon, GeometryCollection, Feature), circles, SAME/FIPS codes; their union."""

    model_config = example(area={"geojson": SQUARE, "same": ["008031"]})
    area: dict[str, Any]


class LaterIn(Wire):
    """Until when it is to last, with an offset."""

    model_config = example(expires_at="2026-05-02T12:00:00-06:00")
    expires_at: AwareDatetime


class ReachIn(Wire):
    """An area, and the status and programme to count for: anything but Actual counts only recipients enrolled for
    tests, and who refused alerts of the programme's class is not counted. Without one it is your agency's.
    """

    model_config = example(area={"circles": [{"lon": -104.99, "lat": 39.74, "radius_m": 8000}]}, status="Exercise")
    area: dict[str, Any]
    status: Literal["Actual", "Exercise", "System", "Test"] = "Actual"
    programme: str = Field("", max_length=40)


Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$", description="E.164: + and the country's code.")]


Kind = Literal["home", "device", "followed"]
FollowedNumber = Annotated[int, Field(ge=0, le=kinds.POLICY["followed"].most, description="1 and up for followed.")]


class Location(Wire):
    """Where a place of the recipient is now: home, the device, or one of the places they follow (by its number).

    It overwrites what was stored of that place; a public recipient's is coarsened before it is stored.
    """

    model_config = example(lon=-104.99, lat=39.74, kind="followed", number=1)
    lon: Lon
    lat: Lat
    kind: Kind = "home"
    number: FollowedNumber = 0

    @model_validator(mode="after")
    def _numbered(self) -> Self:
        check_number(self.kind, self.number)
        return self


def check_number(kind: str, number: int) -> None:
    """ValueError for a number that no place of this kind has."""
    if number not in kinds.numbers_of(kind):
        raise ValueError(f"number must be {kinds.said_numbers(kind)} for {kind}")


class PushKeys(Wire):
    """RFC 8291 keys of a browser's push subscription, base64url."""

    p256dh: str = Field(min_length=80, max_length=120, pattern="^[A-Za-z0-9_=-]+$")
    auth: str = Field(min_length=20, max_length=32, pattern="^[A-Za-z0-9_=-]+$")


class PushSubscription(Wire):
    """PushSubscription.toJSON() of the Push API."""

    endpoint: str = Field(min_length=8, max_length=1024)
    keys: PushKeys
    expirationTime: float | None = None  # noqa: N815  # the Push API's spelling


class SignUpIn(Wire):
    """A sign-up: home and perhaps more places, a language, the words agreed to, and at least one way to be told."""

    model_config = example(
        lon=-104.99,
        lat=39.74,
        places=[{"lon": -104.82, "lat": 38.83, "kind": "followed", "number": 1}],
        language="en",
        consent="Tell me about missing children near me.",
        inbox=True,
    )
    lon: Lon
    lat: Lat
    places: list[Location] = Field(default=[], max_length=kinds.MOST, description="More places beside home.")
    language: Annotated[str, AfterValidator(known_language)] = Field(default="en", max_length=35)
    consent: Annotated[str, AfterValidator(readable)] = Field(
        min_length=10, max_length=1000, description="The words the person agreed to."
    )
    inbox: bool = False
    push: PushSubscription | None = None
    unified_push: PushSubscription | None = Field(
        default=None, description="What an app's UnifiedPush distributor gave it: endpoint and keys."
    )
    email: Annotated[str, AfterValidator(readable)] | None = Field(
        default=None, max_length=254, pattern=r"^[^@\s<>,;:\\\"]+@[^@\s<>,;:\\\"]+\.[^@\s<>,;:\\\"]+$"
    )
    phone: Phone | None = None
    phone_code: Annotated[str, StringConstraints(pattern="^[0-9]{6}$")] | None = Field(
        default=None, description="The code that was sent to the phone (POST /v1/phones/codes)."
    )
    test: bool = Field(default=False, description="Also take part in tests and exercises.")

    @model_validator(mode="after")
    def _proven(self) -> Self:
        if (self.phone is None) != (self.phone_code is None):
            raise ValueError("phone and phone_code come together")
        return self


class CodeIn(Wire):
    """A number that is to get a code by SMS."""

    model_config = example(phone="+13035550123", language="en")
    phone: Phone
    language: Annotated[str, AfterValidator(known_language)] = Field(default="en", max_length=35)
