from dataclasses import replace

from channels.benches import NOBODY, PATIENCE_S, SandboxBench
from channels.contract import RETRY_AFTER_S, Arrived, ChannelContract, How, deliver
from notifiers.channels.sms import Gateway, Sms
from notifiers.model import Result
from notifiers.sandbox.faults import Fault
from notifiers.sandbox.keys import sms_token
from notifiers.sandbox.process import HOST
from notifiers.sandbox.sms_gateway import ACCOUNT, SENDER
from notifiers.senders import make_sender


class SmsBench(SandboxBench):
    name = "sms"
    faults = {
        How.RESET: Fault("reset", channel="sms"),
        How.SILENT: Fault("stall", channel="sms"),
        How.GONE: Fault("status", channel="sms", status=410),
        How.REFUSING: Fault("status", channel="sms", status=400),
        How.OURS: Fault("status", channel="sms", status=401),
        How.LATER: Fault("status", channel="sms", status=503),
        How.LATER_AT: Fault("status", channel="sms", status=429, retry_after_s=RETRY_AFTER_S),
    }

    async def open(self, directory):
        await super().open(directory)
        self.token = sms_token(directory)
        self.make(self.sandbox.push_ports[0])

    def make(self, port, **changes):
        gateway = Gateway(
            **({"url": f"http://{HOST}:{port}", "account": ACCOUNT, "token": self.token, "sender": SENDER} | changes)
        )
        self.channel = Sms(
            make_sender(self.guard),
            gateway,
            callback_url=lambda seal: f"http://{HOST}:{NOBODY}/{seal}",
            timeout_s=PATIENCE_S,
        )

    async def misbehave(self, how):
        await super().misbehave(how)
        if self.down:
            await self.channel.close()
            self.make(NOBODY)

    def address(self, number):
        return {"phone": f"+1500555{number:04d}"}

    def bad_addresses(self):
        return [
            {"phone": said}
            for said in ("", "5005550001", "+0123456789", "+1500555\r\n0001", "+\u0661\u0665\u0660\u0660555000")
        ]

    async def arrived(self):
        return [Arrived(int(one["to"][-4:]), one["message"]) for one in self.sandbox.counts.recent]

    def secrets(self, subscription):
        return [*super().secrets(subscription), self.token]


class TestSms(ChannelContract):
    bench_class = SmsBench

    async def test_the_gateway_is_told_until_when_and_where_to_report(self, bench, notice):
        await deliver(bench, notice, replace(bench.subscription(1), seal="sealed"))
        form = bench.sandbox.counts.recent[0]["form"]
        assert form["StatusCallback"].endswith("/sealed")
        assert 3590 <= int(form["ValidityPeriod"]) <= 3600
        assert form["From"] == SENDER

    async def test_a_messaging_service_takes_the_place_of_a_number(self, bench, notice):
        bench.make(bench.sandbox.push_ports[0], sender="MG0123456789")
        await deliver(bench, notice, bench.subscription(1))
        form = bench.sandbox.counts.recent[0]["form"]
        assert (form["MessagingServiceSid"], "From" in form) == ("MG0123456789", False)

    async def test_a_wrong_token_is_our_fault(self, bench, notice):
        bench.make(bench.sandbox.push_ports[0], token="wrong")
        assert (await deliver(bench, notice, bench.subscription(1)))[0].result is Result.OURS

    async def test_a_long_text_keeps_its_link_whole_in_three_segments(self, bench, notice):
        long = replace(notice.texts["en"], headline="Missing child — " + "ж" * 500)
        await deliver(bench, replace(notice, texts={"en": long}, plate="EX4MPLE"), bench.subscription(1))
        got = bench.sandbox.counts.recent[0]
        assert got["segments"] == 3
        assert got["message"].endswith(notice.page_url)

    async def test_area_and_plate_are_said(self, bench, notice):
        await deliver(bench, replace(notice, plate="EX4MPLE (California)"), bench.subscription(1, "es"))
        assert "Denver\nPlaca: EX4MPLE (California)\n" in (await bench.arrived())[0].text
