"""Who wants no alerts of a class is not newly told of one; whoever was told hears how it goes on, and that it is over."""

from __future__ import annotations

from sqlalchemy import select

from geo import store as positions
from notifiers import fanout, ledger, notices, refusing, subscriptions
from notifiers.ledger import Want
from notifiers.model import Kind
from notifiers.tables import planned, refused_class
from notifiers.transactions import reading, writing

WANT = Want("w", ("push", "inbox"), 100, 60, batches=20)


def refuse(world, one, *classes):
    with writing(world.engine) as connection:
        refusing.write(connection, one.recipient_id, classes)
        world.map.seq = positions.newest(connection)


def told(world, notice_id) -> int:
    """How many more are planned by a run."""
    return fanout.run(world.engine, world.vault, world.map, notice_id).planned


def test_who_refuses_a_class_is_left_out_of_it_and_of_no_other(world):
    one, *_ = world.enrol(3, ("push", "inbox"))
    refuse(world, one, "endangered")
    assert told(world, world.add(alert_class="endangered")) == 4
    assert told(world, world.add(alert_class="abduction", incident_id=2, incident="another")) == 6
    assert told(world, world.add(incident_id=3, incident="a third")) == 6  # of no class: nobody can refuse it


def test_the_guard_counts_whom_the_approval_counted(world):
    for one in world.enrol(10)[1:]:
        refuse(world, one, "endangered")
    notice_id = world.add(alert_class="endangered", reach=1)
    assert told(world, notice_id) == 1
    with reading(world.engine) as connection:
        assert notices.get_status(connection, notice_id).matched == 1


def test_who_comes_into_the_area_later_is_asked_for_the_same(world):
    (here,) = world.enrol(1)
    notice_id = world.add(alert_class="endangered")
    assert told(world, notice_id) == 1
    wants, refuses = world.enrol(2)
    refuse(world, refuses, "endangered")
    assert fanout.plan_for(world.engine, notice_id, [here.recipient_id, wants.recipient_id, refuses.recipient_id]) == 1


def test_who_was_told_and_refuses_then_hears_how_it_goes_on_and_that_it_is_over(world):
    one, _ = world.enrol(2)
    assert told(world, world.add(alert_class="endangered")) == 2
    with writing(world.engine) as connection:
        ledger.claim(connection, WANT)  # in flight: they may have been told
    refuse(world, one, "endangered")
    update = world.add(alert_class="endangered", number=2, version=2, kind=Kind.UPDATE)
    assert told(world, update) == 2
    with writing(world.engine) as connection:
        ledger.claim(connection, WANT)
    assert told(world, world.cancel(version=3)) == 2


def test_who_changes_their_mind_is_told_of_the_next(world):
    (one,) = world.enrol(1)
    refuse(world, one, "abduction", "endangered")
    assert told(world, world.add(alert_class="abduction")) == 0
    refuse(world, one)
    assert told(world, world.add(alert_class="abduction", number=2, version=2, kind=Kind.UPDATE)) == 1


def test_it_goes_with_the_person(world):
    (one,) = world.enrol(1)
    refuse(world, one, "abduction")
    with writing(world.engine) as connection:
        assert refusing.read(connection, one.recipient_id) == {"abduction"}
        subscriptions.leave(connection, recipient_id=one.recipient_id, now=world.notice().sent_at)
        assert connection.execute(select(refused_class)).all() == connection.execute(select(planned)).all() == []
