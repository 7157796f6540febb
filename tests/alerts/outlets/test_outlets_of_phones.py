"""Which of the channels to phones a worker has, and that a bad credential is said at start."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from credentials import apple_key, google_key, pem, service_account

from alerts import credentials
from alerts.cli import main
from alerts.outlets import apns, fcm, make_channels, webhook
from alerts.outlets.kit import make_kit
from alerts.settings import BadSetting, Mode, Settings
from notifiers.vault import Vault

APPLE = {"apns_key_id": "KEY1234567", "apns_team": "TEAM123456", "apns_topic": "org.example.lookout"}


@pytest.fixture
def kit(tmp_path):
    def make(**settings):
        return make_kit(Settings(data=tmp_path, **settings), Vault(tmp_path / "keys"))

    return make


@pytest.fixture
def files(tmp_path):
    (tmp_path / "account.json").write_text(service_account())
    (tmp_path / "key.p8").write_bytes(pem(apple_key()))
    (tmp_path / "other.p8").write_bytes(pem(google_key()))
    return tmp_path


def test_a_live_house_without_credentials_has_webhooks_and_no_phones(kit):
    channels = make_channels(kit(mode=Mode.LIVE))
    assert {"fcm", "apns", "webhook"} & channels.keys() == {"webhook"}


def test_with_credentials_it_has_phones_at_google_and_apple(kit, files):
    live = kit(
        mode=Mode.LIVE, fcm_credentials=files / "account.json", apns_key=files / "key.p8",
        apns_environment="development", **APPLE,
    )  # fmt: skip
    assert fcm.make(live)._url == "https://fcm.googleapis.com/v1/projects/example-project/messages:send"
    assert apns.make(live)._app.base_url == "https://api.sandbox.push.apple.com"


def test_a_sandbox_has_its_own_google_and_no_apple(kit, files):
    sandbox = kit(apns_key=files / "key.p8", fcm_credentials=files / "account.json", **APPLE)
    assert fcm.make(sandbox)._url.startswith("http://127.0.0.1:8101/fcm/v1/")
    assert apns.make(sandbox) is None
    assert webhook.make(sandbox).name == "webhook"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"fcm_credentials": "none.json"}, "LOOKOUT_FCM_CREDENTIALS: the file cannot be read"),
        ({"fcm_credentials": "key.p8"}, "LOOKOUT_FCM_CREDENTIALS: the file is not the JSON key"),
        ({"apns_key": "other.p8"}, "LOOKOUT_APNS_KEY: the file holds no key on P-256"),
    ],
)
def test_a_credential_that_cannot_be_used_is_named_at_start(files, settings, why):
    paths = {name: files / value for name, value in settings.items()}
    with pytest.raises(BadSetting, match=why):
        credentials.check(Settings(data=files, **paths))


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_starts_with_a_bad_credential(tmp_path, command):
    told = {"LOOKOUT_FCM_CREDENTIALS": str(tmp_path / "none.json")}
    port = ["--port", "0"] if command == "serve" else []
    done = CliRunner().invoke(main, [command, "--data", str(tmp_path / "d"), "--mode", "live", *port], env=told)
    assert done.exit_code == 2
    assert "LOOKOUT_FCM_CREDENTIALS" in done.output


def test_a_credential_lost_while_we_run_takes_its_channel_and_no_other(kit, files):
    live = kit(mode=Mode.LIVE, fcm_credentials=files / "account.json")
    (files / "account.json").unlink()
    assert "fcm" not in make_channels(live)
    assert "web_push" in make_channels(live)
