from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from alerts.settings import BadSetting, Mode, Settings, describe, from_environment


def test_an_empty_environment_gives_the_defaults():
    assert from_environment({}) == Settings()


def test_a_variable_sets_its_field():
    read = from_environment({"LOOKOUT_PORT": "9000", "LOOKOUT_DATA": "/srv/l", "LOOKOUT_MODE": "live", "HOME": "/"})
    assert (read.port, read.data, read.mode) == (9000, Path("/srv/l"), Mode.LIVE)


def test_an_override_wins_over_the_environment():
    assert from_environment({"LOOKOUT_PORT": "9000"}, port=1).port == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LOOKOUT_PORT", "eighty"),
        ("LOOKOUT_MODE", "both"),
        ("LOOKOUT_WORKERS", "-1"),
        ("LOOKOUT_PUBLIC_URL", "ftp://x"),
        ("LOOKOUT_NONSENSE", "1"),
        ("LOOKOUT_LOG_FORMAT", "xml"),
        ("LOOKOUT_APNS_ENVIRONMENT", "staging"),
        ("LOOKOUT_IOS_INTERRUPTION", "loud"),
    ],
)
def test_a_bad_variable_is_named(variable, value):
    with pytest.raises(BadSetting, match=variable):
        from_environment({variable: value})


def test_apples_key_needs_its_ids_and_the_app():
    key = {"LOOKOUT_APNS_KEY": "/srv/key.p8"}
    with pytest.raises(BadSetting, match="LOOKOUT_APNS_KEY_ID is needed"):
        from_environment(key)
    ids = {"LOOKOUT_APNS_KEY_ID": "K", "LOOKOUT_APNS_TEAM": "T", "LOOKOUT_APNS_TOPIC": "org.example"}
    assert from_environment(key | ids).apns_key == Path("/srv/key.p8")


def test_a_bad_value_is_not_quoted():
    with pytest.raises(BadSetting) as raised:
        from_environment({"LOOKOUT_SMTP_PORT": "hunter2"})
    assert "hunter2" not in str(raised.value)


def test_secrets_do_not_show_in_the_representation():
    assert "hunter2" not in repr(Settings(smtp_password="hunter2", database_url="postgresql://u:hunter2@h/d"))


def test_settings_are_frozen():
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_every_setting_is_described_in_a_sentence():
    rows = describe()
    assert len(rows) == len(fields(Settings))
    assert all(row.doc.endswith(".") and row.variable.startswith("LOOKOUT_") for row in rows)


def test_links_and_places_are_derived():
    settings = Settings(data=Path("/d"), host="127.0.0.1", port=81)
    assert settings.base_url == settings.origin == "http://127.0.0.1:81"
    assert settings.engine_url == "sqlite:////d/lookout.db"
    assert settings.keys_directory == Path("/d/keys")
    assert Settings(public_url="https://a.example/x/").base_url == "https://a.example/x"
    assert Settings(public_url="https://a.example/x/").origin == "https://a.example"


def test_an_http_client_that_is_none_is_refused():
    with pytest.raises(BadSetting, match="LOOKOUT_HTTP_CLIENT"):
        from_environment({"LOOKOUT_HTTP_CLIENT": "curl"})


LIVE = {"LOOKOUT_MODE": "live"}
SMS = {
    "LOOKOUT_SMS_GATEWAY_URL": "https://sms.example",
    "LOOKOUT_SMS_ACCOUNT": "AC1",
    "LOOKOUT_SMS_TOKEN": "hunter2",
    "LOOKOUT_SMS_FROM": "MG1",
}
MQTT = {"LOOKOUT_MQTT_HOST": "broker.example"}


@pytest.mark.parametrize("missing", SMS)
def test_half_a_gateway_is_refused_and_what_it_lacks_is_named(missing):
    with pytest.raises(BadSetting, match=missing):
        from_environment(LIVE | {name: value for name, value in SMS.items() if name != missing})


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (LIVE | SMS | {"LOOKOUT_SMS_GATEWAY_URL": "http://sms.example"}, "SMS_GATEWAY_URL"),
        (LIVE | MQTT | {"LOOKOUT_MQTT_TLS": "no"}, "MQTT_TLS"),
        (LIVE | MQTT | {"LOOKOUT_MQTT_TLS": "perhaps"}, "MQTT_TLS"),
        (LIVE | MQTT | {"LOOKOUT_MQTT_USERNAME": "u"}, "MQTT_PASSWORD"),
        (LIVE | {"LOOKOUT_MQTT_USERNAME": "u", "LOOKOUT_MQTT_PASSWORD": "p"}, "MQTT_HOST"),
        (MQTT, "MQTT_HOST must be 127.0.0.1"),
    ],
)
def test_settings_of_a_channel_that_do_not_fit_together_are_named(given, named):
    with pytest.raises(BadSetting, match=named):
        from_environment(given)


def test_whole_settings_of_gateway_and_broker_are_taken():
    read = from_environment(LIVE | SMS | MQTT)
    assert (read.sms_from, read.mqtt_host, "hunter2" in repr(read)) == ("MG1", "broker.example", False)
