"""One frozen Settings, and the only reader of the environment.

Every setting is a field with its default, its unit and one sentence; the variable is `LOOKOUT_` and the field's name
in capitals. `describe()` is the table that the documentation is checked against.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PREFIX = "LOOKOUT_"
KIB = 1024
MIB = 1024 * KIB
_PLAIN_MAILBOX = re.compile(r"[A-Za-z0-9._-]{1,26}@[A-Za-z0-9.-]{1,200}")  # with +seal the local part has 64 at most


class Mode(StrEnum):
    """What a data directory is for good: a sandbox that can reach nobody real, or live."""

    SANDBOX = "sandbox"
    LIVE = "live"


class BadSetting(ValueError):
    """A variable holds something that is no value of its setting; the message names the variable, never a secret."""


def _is(default: Any, doc: str, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"doc": doc, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """All that may be set. Empty paths and URLs are derived (see the properties)."""

    # where and what
    data: Path = _is(Path("data"), "Directory of the database, the mode and, unless set apart, the keys.")  # noqa: RUF009  # _is makes a field
    keys: Path | None = _is(None, "Directory of the incidents' keys; keep it out of backups. Default: keys in data.")  # noqa: RUF009  # _is makes a field
    trust: Path | None = _is(None, "Directory of pinned certificates, a folder a source. Default: trust in data.")  # noqa: RUF009  # _is makes a field
    database_url: str = _is("", "SQLAlchemy URL of the database. Default: SQLite file lookout.db in data.", secret=True)
    mode: Mode = _is(Mode.SANDBOX, "sandbox or live: what the data directory is made for, once and for good.")  # noqa: RUF009  # _is makes a field
    host: str = _is("127.0.0.1", "Address to listen on.")
    port: int = _is(8000, "Port to listen on.")
    public_url: str = _is("", "Base of all links people get, no slash at the end. Default: http://host:port.")
    trusted_proxies: str = _is(
        "", "Proxies in front, addresses or networks by commas: their X-Forwarded-For is believed."
    )
    log_format: str = _is("json", "json or text.")
    log_level: str = _is("info", "debug, info, warning or error: what is logged at least.")
    # delivery
    workers: int = _is(2, "Worker child processes of the server.")
    window: int = _is(256, "Sends a worker may have without committed outcome: what a crash may repeat at most.")
    lease_s: float = _is(15.0, "Seconds a worker holds a batch without sign of life.")
    http_client: str = _is("pyreqwest", "pyreqwest or aiohttp: what carries HTTP to push services and gateways.")
    smtp_host: str = _is("", "Mail relay; empty: no e-mail in live mode.")
    smtp_port: int = _is(587, "Port of the mail relay.")
    smtp_username: str = _is("", "User at the mail relay.")
    smtp_password: str = _is("", "Password at the mail relay.", secret=True)
    mail_from: str = _is("alerts@lookout.example", "Sender of alert e-mail.")
    mail_bounces: str = _is("", "Where undeliverable e-mail returns to, as local+seal@domain; empty: nobody reads it.")
    sms_gateway_url: str = _is("", "Base URL of an SMS gateway that speaks as Twilio does; empty: no SMS in live mode.")
    sms_account: str = _is("", "Account at the SMS gateway (AC...).")
    sms_token: str = _is("", "Password of that account, and the key of the gateway's callbacks.", secret=True)
    sms_from: str = _is("", "Number or name that SMS come from, or a messaging service (MG...).")
    mqtt_host: str = _is("", "MQTT broker of signs and displays; empty: no MQTT. In a sandbox 127.0.0.1 only.")
    mqtt_port: int = _is(8883, "Port of the MQTT broker.")
    mqtt_username: str = _is("", "User at the MQTT broker.")
    mqtt_password: str = _is("", "Password at the MQTT broker.", secret=True)
    mqtt_tls: str = _is("yes", "yes or no: TLS to the MQTT broker, its certificate checked; live mode takes yes only.")
    push_contact: str = _is("mailto:operator@lookout.example", "Who push services may write to (RFC 8292 sub).")
    fcm_credentials: Path | None = _is(None, "JSON key of the Firebase service account; none: no FCM in live mode.")  # noqa: RUF009  # _is makes a field
    apns_key: Path | None = _is(None, "Apple's key file (.p8); none: no APNs.")  # noqa: RUF009  # _is makes a field
    apns_key_id: str = _is("", "Id of that key: ten characters.")
    apns_team: str = _is("", "Id of the team that the key belongs to: ten characters.")
    apns_topic: str = _is("", "Bundle id of the app whose device tokens are enrolled.")
    apns_environment: str = _is("production", "production or development: where the device tokens come from.")
    ios_interruption: str = _is("active", "active, time-sensitive or critical: as far as Apple entitled the app.")
    sandbox_push_port: int = _is(8101, "Port of the sandbox's push service.")
    sandbox_smtp_port: int = _is(8102, "Port of the sandbox's mail server.")
    sandbox_feed_ports: str = _is("", "Ports of this machine, by commas, that a sandbox may ask for feeds of alerts.")
    # limits of what comes in
    max_alert_bytes: int = _is(16 * MIB, "Largest alert (photos included) in bytes.")
    max_body_bytes: int = _is(64 * KIB, "Largest body of every other request in bytes.")
    max_photo_bytes: int = _is(8 * MIB, "Largest photo in bytes.")
    max_photo_pixels: int = _is(40_000_000, "Largest photo in pixels, checked before it is decoded.")
    max_photos: int = _is(4, "Photos an alert may carry.")
    removal_answer_h: int = _is(72, "Hours in which a family's request for removal is answered.")
    photo_memory_s: int = _is(365 * 24 * 3600, "Seconds after an alert's end for which its photos are known again.")
    body_timeout_s: float = _is(30.0, "Seconds a client has to send its body.")
    public_writes_per_minute: int = _is(60, "Sign-ups and other unsigned writes a client address may make a minute.")
    max_streams: int = _is(10_000, "Open streams of server-sent events at most.")
    # people who sign in
    sign_in_link_s: int = _is(15 * 60, "Seconds a one-time sign-in link lives.")
    session_s: int = _is(8 * 60 * 60, "Seconds a session lives.")
    session_idle_s: int = _is(30 * 60, "Seconds without a sign of its person after which a session ends.")
    invitation_s: int = _is(24 * 60 * 60, "Seconds an invitation to register a passkey lives.")
    change_s: int = _is(24 * 60 * 60, "Seconds a change of people, keys or agencies waits for its second person.")
    # decisions
    reason_above: str = _is("500000", "People reached from which an approval needs a reason; also programme=number.")
    countdown_s: float = _is(
        5.0, "Seconds in which an approval given in the console can be stopped; 0 lets it go at once."
    )
    map_file_people: int = _is(200_000, "People from which the map is kept in a file between two starts.")
    map_file_leavers_s: float = _is(
        600.0, "Seconds for which who left may still stand in the file that the map starts from."
    )
    over_notice_s: int = _is(24 * 60 * 60, "Seconds for which 'the search is over' is still delivered.")

    @property
    def keys_directory(self) -> Path:
        return self.keys or self.data / "keys"

    @property
    def trust_directory(self) -> Path:
        return self.trust or self.data / "trust"

    @property
    def vapid_path(self) -> Path:
        """The application server's key towards push services: the same on every machine of a database."""
        return self.data / "vapid.pem"

    @property
    def engine_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'lookout.db'}"

    @property
    def base_url(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def origin(self) -> str:
        """scheme://host[:port] of the public URL: what a browser sends as Origin."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def sandbox(self) -> bool:
        return self.mode is Mode.SANDBOX


def from_environment(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from `LOOKOUT_*` variables, then `overrides`; BadSetting names an unknown or unreadable variable."""
    given = {k: v for k, v in (os.environ if environ is None else environ).items() if k.startswith(PREFIX)}
    known = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    if unknown := sorted(given.keys() - known.keys()):
        raise BadSetting(f"no such setting: {', '.join(unknown)}")
    read = {known[name].name: _read(name, known[name], text) for name, text in given.items()}
    return _checked(replace(Settings(), **(read | overrides)))


def _read(name: str, of: Field[Any], text: str) -> Any:
    kind: type[Any] = Path if of.default is None else of.default.__class__
    try:
        return kind(text)
    except ValueError as fault:
        raise BadSetting(f"{name} must be a {kind.__name__.lower()}") from fault


def _checked(settings: Settings) -> Settings:
    for of in fields(settings):
        value = getattr(settings, of.name)
        if isinstance(value, (int, float)) and value < 0:
            raise BadSetting(f"{PREFIX}{of.name.upper()} must not be negative")
    if settings.public_url and urlsplit(settings.public_url).scheme not in {"http", "https"}:
        raise BadSetting(f"{PREFIX}PUBLIC_URL must start with https:// or http://")
    if settings.mail_bounces and not _PLAIN_MAILBOX.fullmatch(settings.mail_bounces):
        raise BadSetting(f"{PREFIX}MAIL_BOUNCES must be a mailbox of at most 26 characters before the @, without +")
    _check_proxies(settings)
    _check_sms(settings)
    _check_mqtt(settings)
    _check_feeds(settings)
    if settings.log_format not in {"json", "text"}:
        raise BadSetting(f"{PREFIX}LOG_FORMAT must be json or text")
    if settings.log_level not in {"debug", "info", "warning", "error"}:
        raise BadSetting(f"{PREFIX}LOG_LEVEL must be debug, info, warning or error")
    _check_apple(settings)
    _check_reason(settings)
    if settings.http_client not in {"pyreqwest", "aiohttp"}:
        raise BadSetting(f"{PREFIX}HTTP_CLIENT must be pyreqwest or aiohttp")
    return settings


def _check_apple(settings: Settings) -> None:
    if settings.apns_environment not in {"production", "development"}:
        raise BadSetting(f"{PREFIX}APNS_ENVIRONMENT must be production or development")
    if settings.ios_interruption not in {"active", "time-sensitive", "critical"}:
        raise BadSetting(f"{PREFIX}IOS_INTERRUPTION must be active, time-sensitive or critical")
    if settings.apns_key:
        for name in ("apns_key_id", "apns_team", "apns_topic"):
            if not getattr(settings, name):
                raise BadSetting(f"{PREFIX}{name.upper()} is needed beside {PREFIX}APNS_KEY")


def _check_reason(settings: Settings) -> None:
    if not re.fullmatch(r"(([a-z0-9-]+=)?[0-9]+(,\s*|$))*", settings.reason_above):
        raise BadSetting(f"{PREFIX}REASON_ABOVE must be a number, then programme=number, by commas")


def _check_proxies(settings: Settings) -> None:
    for one in filter(None, settings.trusted_proxies.split(",")):
        try:
            ip_network(one.strip())
        except ValueError:
            raise BadSetting(f"{PREFIX}TRUSTED_PROXIES must be addresses or networks, by commas") from None


def _check_sms(settings: Settings) -> None:
    """All four or none: half a gateway is found out at the first alert otherwise."""
    names = ("sms_gateway_url", "sms_account", "sms_token", "sms_from")
    missing = [f"{PREFIX}{name.upper()}" for name in names if not getattr(settings, name)]
    if 0 < len(missing) < len(names):
        raise BadSetting(f"an SMS gateway also needs {', '.join(missing)}")
    if settings.sms_gateway_url and not settings.sms_gateway_url.startswith("https://"):
        raise BadSetting(f"{PREFIX}SMS_GATEWAY_URL must start with https://")


def _check_mqtt(settings: Settings) -> None:
    if settings.mqtt_tls not in {"yes", "no"}:
        raise BadSetting(f"{PREFIX}MQTT_TLS must be yes or no")
    if bool(settings.mqtt_username) != bool(settings.mqtt_password):
        raise BadSetting(f"{PREFIX}MQTT_USERNAME and {PREFIX}MQTT_PASSWORD come together or not at all")
    if settings.mqtt_username and not settings.mqtt_host:
        raise BadSetting(f"{PREFIX}MQTT_USERNAME needs {PREFIX}MQTT_HOST")
    if settings.mqtt_host and settings.sandbox and settings.mqtt_host != "127.0.0.1":
        raise BadSetting(f"{PREFIX}MQTT_HOST must be 127.0.0.1 in a sandbox: nothing leaves this machine")
    if settings.mqtt_host and not settings.sandbox and settings.mqtt_tls != "yes":
        raise BadSetting(f"{PREFIX}MQTT_TLS must be yes in live mode")


def _check_feeds(settings: Settings) -> None:
    ports = settings.sandbox_feed_ports.replace(",", " ").split()
    if not all(port.isascii() and port.isdigit() and 0 < int(port) < 65536 for port in ports):
        raise BadSetting(f"{PREFIX}SANDBOX_FEED_PORTS must be numbers of ports, by commas")


class Described(NamedTuple):
    """One row of the settings table: the variable, its default as text, what it says."""

    variable: str
    default: str
    doc: str


def describe() -> list[Described]:
    """Every setting in order; a default that is derived reads as empty."""
    return [Described(PREFIX + f.name.upper(), _shown(f.default), f.metadata["doc"]) for f in fields(Settings)]


def _shown(default: Any) -> str:
    return "" if default is None else str(default)
