from cast import DENVER

SERIES = [
    "lookout_sends_planned_total",
    "lookout_sends_total",
    "lookout_drops_total",
    "lookout_sends_open",
    "lookout_repeats_total",
    "lookout_oldest_open_seconds",
    "lookout_notices",
    "lookout_incidents_active",
    "lookout_keys_to_destroy",
    "lookout_subscriptions",
    "lookout_index_recipients",
    "lookout_requests_total",
    "lookout_request_seconds",
]


def test_a_living_process_says_so(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_process_that_can_work_is_ready(client):
    assert client.get("/readyz").json() == {"ready": True, "database": True, "keys": True}


def test_a_process_without_keys_is_not_ready(client, house):
    house.services.settings.keys_directory.rename(house.services.settings.data / "elsewhere")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["keys"]) == (503, False)


def test_a_process_without_its_tables_is_not_ready(client, house):
    from notifiers.transactions import writing

    with writing(house.services.engine) as connection:
        connection.exec_driver_sql("DROP TABLE house")
    assert client.get("/readyz").status_code == 503


def test_the_series_that_matter_are_there(client, house, in_force):
    house.enrol([DENVER] * 2)
    in_force()
    text = client.get("/metrics").text
    assert [name for name in SERIES if f"# HELP {name.removesuffix('_total')}" not in text] == []


def test_the_series_say_what_is_so(client, house, in_force, post):
    house.enrol([DENVER] * 3)
    alert = in_force()
    lines = client.get("/metrics").text.splitlines()
    assert {
        'lookout_sends_planned_total{channel="inbox"} 3.0',
        'lookout_sends_open{channel="inbox",state="waiting"} 3.0',
        'lookout_notices{state="planned"} 1.0',
        "lookout_incidents_active 1.0",
        'lookout_subscriptions{channel="inbox"} 3.0',
        "lookout_index_recipients 3.0",
    } <= set(lines)
    post(f"/v1/alerts/{alert['id']}/cancel")
    lines = client.get("/metrics").text.splitlines()
    assert {'lookout_sends_total{channel="inbox",outcome="dropped"} 3.0', "lookout_incidents_active 0.0"} <= set(lines)
    assert 'lookout_drops_total{channel="inbox",why="cancelled"} 3.0' in lines


def test_routes_and_not_paths_are_labels(client):
    client.get("/v1/alerts/secret-token")
    assert "secret-token" not in client.get("/metrics").text
