import pytest

from notifiers.sandbox.faults import BadFault, Fault, Faults, read_faults


def picks(faults, count=1000, channel="web_push", origin="127.0.0.1:1"):
    return sum(faults.pick(channel, origin, f"t{number}") is not None for number in range(count))


def ruled_by(*rules):
    faults = Faults()
    faults.replace(rules)
    return faults


def test_without_rules_all_goes_well():
    assert picks(Faults()) == 0


def test_a_share_of_requests_is_hit():
    assert 250 < picks(ruled_by(Fault("reset", share=0.3))) < 350


def test_a_sticky_share_always_hits_the_same():
    faults = ruled_by(Fault("status", status=410, share=0.3, sticky=True))
    hit = [[number for number in range(200) if faults.pick("web_push", "", f"t{number}")] for _ in range(2)]
    assert hit[0] == hit[1]
    assert 30 < len(hit[0]) < 90


def test_a_rule_acts_so_many_times():
    assert picks(ruled_by(Fault("reset", times=3))) == 3


def test_a_rule_fits_its_channel_origin_and_subscriptions_only():
    assert picks(ruled_by(Fault("reset", "email"))) == 0
    assert picks(ruled_by(Fault("reset", origin="127.0.0.1:2"))) == 0
    assert picks(ruled_by(Fault("reset", only=("t1", "t2")))) == 2


def test_the_first_rule_that_fits_acts():
    faults = ruled_by(Fault("reset", only=("t1",)), Fault("stall"))
    assert [faults.pick("web_push", "", token).kind for token in ("t1", "t2")] == ["reset", "stall"]


def test_the_same_rules_fail_the_same_way_again():
    rule = Fault("reset", share=0.5)
    first, second = ruled_by(rule), ruled_by(rule)
    assert [first.pick("web_push", "", "t") for _ in range(50)] == [second.pick("web_push", "", "t") for _ in range(50)]


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"faults": {}},
        {"faults": [1]},
        {"faults": [{}]},
        {"faults": [{"kind": "explode"}]},
        {"faults": [{"kind": "reset", "channel": "fax"}]},
        {"faults": [{"kind": "reset", "shares": 1}]},
        {"faults": [{"kind": "reset", "share": 2}]},
        {"faults": [{"kind": "reset", "share": "half"}]},
        {"faults": [{"kind": "reset", "only": 7}]},
        {"faults": [{"kind": "status", "status": 42}]},
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(told):
    with pytest.raises(BadFault):
        read_faults(told)
