import json

import pytest
import structlog

from alerts import logs


@pytest.fixture
def written(capsys):
    """Logs as JSON into what pytest captures, and back to what it was."""
    logs.configure("json", "debug")
    yield lambda: capsys.readouterr().err
    logs.configure("json", "warning")


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/v1/alerts", "/openapi.json"])
def test_every_answer_is_strict(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "strict-transport-security" not in headers


def test_https_is_remembered_where_the_address_is_https(house):
    from dataclasses import replace

    from starlette.testclient import TestClient

    from alerts.api.app import create_app

    secure = replace(house.services.settings, public_url="https://alerts.example")
    app = create_app(replace(house.services, settings=secure))
    assert "strict-transport-security" in TestClient(app).get("/healthz").headers


def test_a_log_line_holds_neither_token_nor_name(client, house, written, submit):
    alert = submit()
    client.get(f"/a/{alert['token']}")
    client.get("/v1/alerts?secret=hunter2", headers=house.headers("submitter"))
    lines = written()
    assert '"event": "request"' in lines
    for secret in (alert["token"], alert["id"], "hunter2", "Robin", house.keys["submitter"]):
        assert secret not in lines


def test_an_exception_is_logged_without_its_text(written):
    try:
        int("Robin Example")
    except ValueError:
        structlog.get_logger().exception("it_failed", token="abc")
    line = json.loads(written())
    assert (line["event"], line["error"], line["token"]) == ("it_failed", "ValueError", "[hidden]")
    assert "Robin" not in json.dumps(line)
