"""The machine's rules about what nobody wills: the clock, the post, the providers' moods, processes that die."""

from datetime import timedelta

from django.core.cache import cache
from hypothesis import strategies as st
from hypothesis.stateful import rule

from billing.models import Bill, Lease, PaymentChannel
from core import calendar
from sandbox.models import FaultOrder, Trade
from sandbox.services import faults, trades
from sandbox.services import statements as there
from tests.machine.orders import PICK
from tests.machine.stage import Stage

Kind = FaultOrder.Kind
CALLS = [
    "alipay.trade.query", "alipay.trade.close", "alipay.trade.refund", "alipay.trade.fastpay.refund.query",
    "alipay.trade.pay", "alipay.user.agreement.query", "alipay.user.agreement.unsign",
    "alipay.fund.auth.order.voucher.create", "alipay.fund.auth.operation.detail.query",
    "alipay.fund.auth.order.unfreeze", "alipay.fund.auth.operation.cancel",
    "alipay.data.dataservice.bill.downloadurl.query", "wechat.pay", "wechat.query", "wechat.close", "wechat.refund",
    "wechat.refund.query", "wechat.bill", "wechat.complaint", "wechat.complaints",
]  # fmt: skip
BAD_ANSWERS = [Kind.LOSE_REPLY, Kind.DOWN, Kind.UNKNOWN, Kind.FORGED]
POST = [Kind.DUPLICATE, Kind.DUPLICATE, Kind.DELAY, Kind.REORDER, Kind.DROP, Kind.FORGED, Kind.WRONG_AMOUNT]
DEATHS = [
    "payment.captured", "freeze.captured", "refund.called", "release.called", "deduct.called", "unsign.called",
    "statement.stored", "statement.asked", "outbox.sent", "agreement.signed", "paper.signed", "notice.stored",
    "message.worked", "job.run", "capture.calling", "capture.called", "request.acted", "request.committed",
]  # fmt: skip
ARGUMENTS = {Kind.DUPLICATE: "2", Kind.DELAY: "4000"}
TIMES = st.sampled_from(["1", "2", "4"])
TROUBLE = st.one_of(
    st.tuples(st.just("calls"), st.sampled_from(CALLS), st.sampled_from(BAD_ANSWERS), TIMES),
    st.sampled_from(
        [("later", "alipay.trade.pay", Kind.NO_BALANCE), ("later", "alipay.trade.pay", Kind.FAIL_LATER),
         ("later", "wechat.refund:later", Kind.FAIL_LATER), ("later", "alipay.trade.refund", Kind.FAIL_LATER)]
    ),
    st.tuples(st.just("post"), st.sampled_from(POST), TIMES),
    st.tuples(st.just("death"), st.sampled_from(DEATHS)),
    st.just(("over",)),
)  # fmt: skip
MINUTES = [1, 2, 4, 6, 11, 16, 31, 61, 125]


class Weather(Stage):
    @rule(minutes=st.sampled_from(MINUTES))
    def minutes_pass(self, minutes: int) -> None:
        self.pass_time(timedelta(minutes=minutes))
        self.look()

    @rule(days=st.sampled_from([1, 1, 1, 2, 4]))
    def days_pass(self, days: int) -> None:
        """To some morning; with more than one day the beat was down."""
        self.come_to(calendar.business_date(self.at) + timedelta(days=days))

    @rule()
    def statements_come(self) -> None:
        self.reconcile()

    @rule()
    def next_bill_falls_due(self) -> None:
        today = calendar.business_date(self.at)
        later = Bill.objects.filter(state=Bill.State.OPEN, lease__state=Lease.State.LIVE, due_date__gt=today)
        due = later.order_by("due_date").values_list("due_date", flat=True).first()
        if due is not None:
            self.come_to(due)

    @rule()
    def post_comes(self) -> None:
        self.post()
        if self.is_prompt:
            self.work()
        self.look()

    @rule(prompt=st.booleans())
    def workers_work(self, prompt: bool) -> None:
        self.work()
        self.is_prompt = prompt

    @rule(trouble=TROUBLE)
    def trouble_comes(self, trouble: tuple[str, ...]) -> None:
        """A provider or its post misbehaves at its next turn, a process is about to be killed; or all is well again."""
        match trouble:
            case ("calls", call, kind, times):
                faults.order(call, Kind(kind), times=int(times))
            case ("later", call, kind):
                faults.order(call, Kind(kind), argument="1")
            case ("post", kind, times):
                faults.order("notice", Kind(kind), times=int(times), argument=ARGUMENTS.get(Kind(kind), ""))
                self.has_lied = self.has_lied or kind == Kind.WRONG_AMOUNT
            case ("death", point):
                self.dies_at(point)
            case _:
                faults.forget()
                cache.clear()

    @rule(pick=PICK, oddity=st.sampled_from(["finished", "spoilt", "closed", "opened", "opened"]))
    def oddity(self, pick: int, oddity: str) -> None:
        """Alipay ends a refund period (TRADE_FINISHED), a statement will be wrong, an operator switches a channel."""
        channel = ["alipay", "wechat"][pick % 2]
        match oddity:
            case "finished":
                paid = Trade.objects.filter(status="TRADE_SUCCESS").order_by("-pk")
                if numbers := list(paid.values_list("out_trade_no", flat=True)[:3]):
                    self.act("finish trade", lambda: trades.finish(numbers[pick % len(numbers)], self.at))
            case "spoilt":
                there.spoil(channel, seed=pick, day=calendar.business_date(self.at))
                self.has_lied = True
            case _:
                PaymentChannel.objects.filter(code=channel).update(is_open=oddity == "opened")
