"""What nobody wills: providers that misbehave, couriers that lose, repeat or delay notices, carriers and their parcels,
beats that are down for days, complaints that a provider's platform decides."""

from rental.simulation.stage import Stage
from sandbox import visitors
from sandbox.models import Complaint, FaultOrder
from sandbox.services import faults, parcels
from sandbox.shipments import Shipment

Kind = FaultOrder.Kind
CALLS = [
    "alipay.trade.query", "alipay.trade.close", "alipay.trade.refund", "alipay.trade.fastpay.refund.query",
    "alipay.trade.pay", "alipay.user.agreement.query", "alipay.user.agreement.unsign",
    "alipay.fund.auth.order.voucher.create", "alipay.fund.auth.operation.detail.query",
    "alipay.fund.auth.order.unfreeze", "alipay.fund.auth.operation.cancel", "wechat.pay", "wechat.query",
    "wechat.close", "wechat.refund", "wechat.refund.query", "wechat.complaint", "SendSms", "tsa",
]  # fmt: skip
BAD_ANSWERS = [Kind.LOSE_REPLY, Kind.DOWN, Kind.UNKNOWN, Kind.FORGED]
POST = [Kind.DUPLICATE, Kind.DUPLICATE, Kind.DELAY, Kind.REORDER, Kind.DROP, Kind.FORGED]
ARGUMENTS = {Kind.DUPLICATE: "2", Kind.DELAY: "4000"}
LATER = [
    ("alipay.trade.pay", Kind.NO_BALANCE), ("alipay.trade.pay", Kind.FAIL_LATER),
    ("wechat.refund:later", Kind.FAIL_LATER), ("alipay.trade.refund", Kind.FAIL_LATER),
]  # fmt: skip
FAULTS_A_DAY, BEAT_DOWN = 0.4, 0.02
NEXT = {None: "collected", "1": "transit", "0": "delivering", "5": "delivered", "2": "delivering", "14": "returned"}
OVER = ("3", "4")


def come(stage: Stage) -> None:
    """A day's luck."""
    while stage.happens(FAULTS_A_DAY):
        trouble(stage)
    carry(stage)
    for waiting in Complaint.objects.filter(state=Complaint.State.PENDING).select_related("order").order_by("pk"):
        if stage.happens(0.2):
            number, back = waiting.order.out_trade_no, stage.happens(0.5)
            stage.act("platform decides complaint", visitors.decide_complaint, number, gives_back=back)


def trouble(stage: Stage) -> None:
    """At the next call, notice or later outcome of its kind."""
    chance = stage.chance
    match chance.choice(["call", "call", "post", "later"]):
        case "call":
            target, kind, times = chance.choice(CALLS), chance.choice(BAD_ANSWERS), chance.choice([1, 1, 3])
            faults.order(target, kind, times=times)
        case "post":
            target, kind = "notice", chance.choice(POST)
            faults.order(target, kind, argument=ARGUMENTS.get(kind, ""))
        case _:
            target, kind = chance.choice(LATER)
            faults.order(target, kind, argument="1")
    stage.tally[f"fault {kind.value.lower()}", "ordered"] += 1


def carry(stage: Stage) -> None:
    """Carriers move their parcels: mostly onward, at times refused at the door; a few are never seen again."""
    for shipment in Shipment.objects.exclude(scans__code__in=OVER).order_by("pk"):
        if _is_lost(shipment) or not stage.happens(0.7):
            continue
        last = shipment.scans.order_by("pk").values_list("code", flat=True).last()
        onward = NEXT.get(last)
        if onward == "delivered" and stage.happens(0.06):
            onward = stage.chance.choice(["problem", "refused"])
        if onward:
            stage.act(f"carrier: {onward}", parcels.move, shipment, onward, stage.at)


def is_beat_down(stage: Stage) -> int:
    """For so many days nothing runs by the clock."""
    return stage.chance.randint(1, 4) if stage.happens(BEAT_DOWN) else 0


def clear() -> None:
    """Nothing misbehaves from now on."""
    faults.forget()


def _is_lost(shipment: Shipment) -> bool:
    return int(shipment.number[-2:], 36) % 50 == 7
