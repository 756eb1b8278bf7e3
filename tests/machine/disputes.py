"""The machine's rules about payers who complain at WeChat Pay, and its platform that decides."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from sandbox import visitors
from sandbox.models import Complaint, WechatOrder
from tests.machine.money import ON_LEASE, Money
from tests.machine.orders import PICK
from tests.machine.stage import among


class Disputes(Money):
    @precondition(lambda self: WechatOrder.objects.filter(paid_at__isnull=False).exists())
    @rule(pick=PICK)
    def complain(self, pick: int) -> None:
        paid = WechatOrder.objects.filter(paid_at__isnull=False).order_by("-pk")
        numbers = list(paid.values_list("out_trade_no", flat=True)[:5])
        self.act("complain", lambda: visitors.complain(numbers[pick % len(numbers)]))

    @among(*ON_LEASE)
    @rule(pick=PICK)
    def pay_and_complain(self, pick: int) -> None:
        """At once, so that runs come to it."""
        self.pay_bills(pick=pick, channel="wechat", device="phone", pays=True, most=1)
        if WechatOrder.objects.filter(paid_at__isnull=False).exists():
            self.complain(pick=0)

    @precondition(lambda self: Complaint.objects.filter(state="PENDING").exists())
    @rule(pick=PICK, gives_back=st.booleans())
    def platform_decides(self, pick: int, gives_back: bool) -> None:
        waiting = Complaint.objects.filter(state="PENDING").order_by("pk")
        numbers = list(waiting.values_list("order__out_trade_no", flat=True))
        number, name = numbers[pick % len(numbers)], "complaint lost" if gives_back else "complaint won"
        self.act(name, lambda: visitors.decide_complaint(number, gives_back=gives_back))
