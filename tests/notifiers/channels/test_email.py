"""Against the real sandbox: what leaves here is spoken as SMTP and parsed back by Python's own e-mail package."""

import email as standard
from dataclasses import replace
from email.policy import default

import pytest

from channels.benches import EmailBench
from channels.contract import ChannelContract
from notifiers.channels.email import Email
from notifiers.model import Result, Text
from notifiers.sandbox.counts import NoticeKey

KEY = NoticeKey("email", "incident-token", 2, "update")


class TestEmail(ChannelContract):
    bench_class = EmailBench


async def send(channel, notice, *subscriptions):
    prepared = await channel.prepare(notice, subscriptions)
    return [await channel.send(prepared, subscription) for subscription in subscriptions]


async def received(sandbox, channel, notice, subscription):
    outcome = (await send(channel, notice, subscription))[0]
    assert outcome.result is Result.SENT
    return standard.message_from_string(sandbox.counts.recent[-1]["message"], policy=default)


async def test_each_mailbox_gets_its_message_once(sandbox, email, notice, mailbox):
    outcomes = await send(email, notice, *(mailbox(number) for number in range(1, 6)))
    assert {outcome.result for outcome in outcomes} == {Result.SENT}
    assert sandbox.counts.notices[KEY].by_subscription == {f"p{number}@x.invalid": 1 for number in range(1, 6)}


async def test_a_message_has_a_plain_and_an_html_part_in_the_readers_language(sandbox, email, notice, mailbox):
    message = await received(sandbox, email, notice, mailbox(1, language="es-MX"))
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "Vista por última vez junto al lago." in plain.get_content()
    assert '<html lang="es" dir="ltr">' in html.get_content()
    assert message["Subject"] == "SIMULACRO: Menor desaparecida: Ann Example"
    assert message.defects == plain.defects == html.defects == []


async def test_an_arabic_message_runs_from_the_right_and_its_foot_is_arabic_where_that_is_on(
    sandbox, email, notice, mailbox
):
    arabic = replace(notice, texts={"ar": Text("طفل مفقود", "شوهد آخر مرة قرب البحيرة.")})
    for spoken, said in (({"en", "ar"}, "إيقاف هذه الرسائل"), ({"en"}, "Stop these messages")):
        told = replace(arabic, spoken=frozenset(spoken))
        html = (await received(sandbox, email, told, mailbox(1, language="ar"))).get_body(("html",)).get_content()
        assert '<html lang="ar" dir="rtl">' in html
        assert f"{said}</a>" in html


async def test_leaving_takes_one_click(sandbox, email, notice, mailbox):
    message = await received(sandbox, email, notice, mailbox(7))
    link = "https://alerts.example/u/token-of-7"
    assert message["List-Unsubscribe"] == f"<{link}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, html = message.iter_parts()
    assert link in plain.get_content()
    assert f'"{link}"' in html.get_content()


async def test_a_message_says_who_it_is_from_and_where_to_look(sandbox, email, notice, mailbox):
    message = await received(sandbox, email, notice, mailbox(1))
    assert message["From"] == "Springfield Police <alerts@lookout.invalid>"
    assert message["To"] == "p1@x.invalid"
    assert message["Auto-Submitted"] == "auto-generated"
    assert all(notice.page_url in part.get_content() for part in message.iter_parts())


async def test_nothing_is_attached_and_nothing_is_fetched(sandbox, email, notice, mailbox):
    message = await received(sandbox, email, notice, mailbox(1))
    html = message.get_body(("html",)).get_content()
    assert list(message.iter_attachments()) == []
    assert not any(word in html for word in ("<img", "src=", "@import", "url("))


async def test_what_is_not_real_says_so_in_a_banner(sandbox, email, notice, mailbox):
    assert ">EXERCISE</p>" in (await received(sandbox, email, notice, mailbox(1))).get_body(("html",)).get_content()
    real = await received(sandbox, email, replace(notice, status="Actual"), mailbox(1))
    assert "EXERCISE" not in real.as_string()


async def test_words_of_an_alert_are_never_markup(sandbox, email, notice, mailbox):
    sharp = replace(notice, texts={"en": Text("<script>a</script>", "<b>&", "<i>")})
    html = (await received(sandbox, email, sharp, mailbox(1))).get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "&lt;b&gt;&amp;" in html


async def test_a_repeat_has_the_same_message_id_and_a_new_version_another(email, notice):
    first = email.message_id(notice, 7)
    assert first == email.message_id(replace(notice, number=9), 7)
    assert first != email.message_id(notice, 8)
    assert first != email.message_id(replace(notice, version=3), 7)
    assert first.endswith("@lookout.invalid")


async def test_all_messages_of_an_incident_are_one_conversation(sandbox, email, notice, mailbox):
    first = await received(sandbox, email, notice, mailbox(1))
    later = await received(sandbox, email, replace(notice, version=3), mailbox(1))
    assert first["References"] == later["References"]
    assert first["Message-ID"] != later["Message-ID"]


@pytest.mark.parametrize(
    "address",
    [
        "a@x.invalid\r\nBcc: b@x.invalid",
        "a@x.invalid\nRCPT TO:<b@x.invalid>",
        "a@x.invalid, b@x.invalid",
        "<a@x.invalid>",
        '"a b"@x.invalid',
        "a@x.invalid\x00",
        "ä@x.invalid",
        "a@",
        "@x.invalid",
        "a@-x.invalid",
        "a@x..invalid",
        "a" * 65 + "@x.invalid",
        "a@" + "x" * 64 + ".invalid",
        "a@" + "x." * 130 + "invalid",
        "",
    ],
)
async def test_an_address_that_could_smuggle_anything_in_is_refused(sandbox, email, notice, mailbox, address):
    outcome = (await send(email, notice, replace(mailbox(1), address={"email": address})))[0]
    assert (outcome.result, outcome.reason) == (Result.REFUSED, "bad_address")
    assert sandbox.counts.notices == {}


async def test_a_name_or_headline_with_line_ends_adds_no_header(sandbox, email, notice, mailbox):
    evil = replace(notice, sender_name="Police\r\nBcc: b@x.invalid", texts={"en": Text("Hi\r\nX-Evil: 1", "b")})
    message = await received(sandbox, email, evil, mailbox(1))
    assert message["Bcc"] is None
    assert message["X-Evil"] is None


async def test_lines_of_a_body_that_begin_with_a_dot_arrive_whole(sandbox, email, notice, mailbox):
    dotted = replace(notice, texts={"en": Text("h", ".\n..two\n.\n")})
    body = (await received(sandbox, email, dotted, mailbox(1))).get_body(("plain",)).get_content()
    assert "\n.\n..two\n.\n" in body.replace("\r\n", "\n")


async def test_a_long_link_to_leave_arrives_whole(sandbox, email, notice, mailbox):
    email._leave_url = lambda subscription_id: "https://alerts.example/u/" + "t=" * 150
    message = await received(sandbox, email, notice, mailbox(1))
    assert all("/u/" + "t=" * 150 in part.get_content() for part in message.iter_parts())
    assert max(map(len, sandbox.counts.recent[-1]["message"].splitlines())) <= 998


async def test_mail_returns_to_an_address_that_says_which_send_it_was(sandbox, email, notice, mailbox):
    how = {"sender": "a@x.invalid", "leave_url": email._leave_url, "secret": b"s"}
    returning = Email(email._pool, bounces="bounce@x.invalid", **how)
    await send(email, notice, replace(mailbox(1), seal="abc234"))
    await send(returning, notice, replace(mailbox(1), seal="abc234"), mailbox(2))
    assert (email.receipts, returning.receipts) == (False, True)
    returned_to = ["alerts@lookout.invalid", "bounce+abc234@x.invalid", "bounce@x.invalid"]
    assert [got["from"] for got in sandbox.counts.recent] == returned_to
