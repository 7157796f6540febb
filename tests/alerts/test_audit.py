import pytest
from sqlalchemy import delete, update

from alerts import audit, tables
from alerts.audit import BrokenChain
from notifiers.transactions import reading, writing


@pytest.fixture
def log(services):
    with writing(services.engine) as connection:
        for n in range(1, 4):
            audit.write(connection, "officer:1", "approve", services.clock(), incident_id=n, detail={"reach": n})
    return services.engine


def test_an_untouched_log_verifies(log):
    with reading(log) as connection:
        assert audit.verify(connection) == 3


@pytest.mark.parametrize(
    "change", [{"actor": "officer:2"}, {"detail": "{}"}, {"incident_id": 9}, {"previous": bytes(32)}]
)
def test_a_changed_row_is_found(log, change):
    with writing(log) as connection:
        connection.execute(update(tables.audit).where(tables.audit.c.id == 2).values(**change))
        with pytest.raises(BrokenChain) as found:
            audit.verify(connection)
    assert found.value.audit_id == 2


def test_a_row_cut_out_is_found(log):
    with writing(log) as connection:
        connection.execute(delete(tables.audit).where(tables.audit.c.id == 2))
        with pytest.raises(BrokenChain) as found:
            audit.verify(connection)
    assert found.value.audit_id == 3


def test_what_was_undone_leaves_no_row(services):
    class Undone(Exception):
        pass

    with pytest.raises(Undone), writing(services.engine) as connection:
        audit.write(connection, audit.SYSTEM, "expire", services.clock())
        raise Undone
    with reading(services.engine) as connection:
        assert audit.verify(connection) == 0
