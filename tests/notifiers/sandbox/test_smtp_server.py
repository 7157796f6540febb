import aiosmtplib
import pytest

from notifiers.sandbox.counts import NoticeKey
from notifiers.sandbox.faults import Fault

KEY = NoticeKey("email", "incident", 3, "cancel")
MAIL = b"X-Lookout-Notice: incident/3/4/cancel\r\nSubject: over\r\n\r\nX-Lookout-Notice: not/1/1/this\r\n"


@pytest.fixture
async def relay(sandbox):
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=sandbox.smtp_port, timeout=1) as client:
        yield client


async def test_mail_is_counted_by_notice_and_mailbox(sandbox, relay):
    for to in ("a@x.invalid", "b@x.invalid", "a@x.invalid"):
        await relay.sendmail("from@x.invalid", [to], MAIL)
    got = sandbox.counts.notices[KEY]
    assert (got.by_subscription, got.duplicates) == ({"a@x.invalid": 2, "b@x.invalid": 1}, 1)


async def test_mail_that_names_no_notice_is_counted_apart(sandbox, relay):
    await relay.sendmail("from@x.invalid", ["a@x.invalid"], b"Subject: x\r\n\r\nX-Lookout-Notice: i/1/1/alert\r\n")
    assert (sandbox.counts.unreadable["email"], sandbox.counts.notices) == (1, {})


@pytest.mark.parametrize(("status", "enhanced"), [(550, "5.1.1"), (451, "4.0.0"), (421, "4.3.2")])
async def test_a_mailbox_can_be_told_to_refuse(sandbox, relay, status, enhanced):
    sandbox.faults.replace([Fault("status", "email", only=("a@x.invalid",), status=status)])
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refusal:
        await relay.sendmail("from@x.invalid", ["a@x.invalid"], MAIL)
    assert refusal.value.recipients[0].code == status
    assert refusal.value.recipients[0].message.startswith(enhanced)
    assert sandbox.counts.answered["email"] == {str(status): 1}


@pytest.mark.parametrize(("kind", "counted"), [("reset", 0), ("cut", 1)])
async def test_a_broken_connection_has_or_has_not_taken_the_mail(sandbox, relay, kind, counted):
    sandbox.faults.replace([Fault(kind, "email")])
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await relay.sendmail("from@x.invalid", ["a@x.invalid"], MAIL)
    assert sum(got.received for got in sandbox.counts.notices.values()) == counted
    assert sandbox.counts.answered["email"] == {kind: 1}


async def test_a_mail_over_the_limit_is_refused(sandbox, relay):
    with pytest.raises(aiosmtplib.SMTPResponseException):
        await relay.sendmail("from@x.invalid", ["a@x.invalid"], MAIL + b"x" * (1 << 20))
    assert sandbox.counts.notices == {}
