"""An alert on its way to phones and to a partner's server, enrolled as operators do it, and that it is over."""

from __future__ import annotations

import httpx
from cast import DENVER, FAR_AWAY, record
from server import lookout, until
from standardwebhooks import Webhook


def add_webhook(house, name, at):
    endpoint = f"http://127.0.0.1:{house.push_port}/hook/{name}"
    where = ("--lon", at[0], "--lat", at[1], "--radius-m", 1000, "--partner", "Example", "--test")
    asked = ("webhook", "add", endpoint, *map(str, where), "--data", str(house.data), "--mode", "sandbox")
    done = lookout(*asked, LOOKOUT_SANDBOX_PUSH_PORT=str(house.push_port))
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def test_phones_and_partners_inside_are_told_once_and_told_that_it_is_over(house, serve):
    house.enrol(5, ("fcm",))
    secret = add_webhook(house, "inside", DENVER)
    add_webhook(house, "far-away", FAR_AWAY)
    server = serve(workers=1)
    alert = server.alert()
    server.until_settled(alert)
    assert server.received(alert, "fcm") == {f"device-token:person-{n}": 1 for n in range(5)}
    assert server.received(alert, "webhook") == {"inside": 1}
    server.cancel(alert)
    server.until_settled(alert, "cancel")
    until(lambda: server.received(alert, "webhook", "cancel"))
    assert sum(server.received(alert, "fcm", "cancel").values()) == 5
    recent = httpx.get(f"http://127.0.0.1:{house.push_port}/control/recent").json()
    hooks = [one for one in recent if one["channel"] == "webhook"]
    said = [Webhook(secret).verify(one["body"], {**one})["type"] for one in hooks]
    assert said == ["alert.published", "alert.cancelled"]
    assert not any(record()["children"][0]["name"].split()[0] in one["body"] for one in hooks)
