"""Buttons: who looks at an order presses one of those that he is offered. Every step of `orders.actions` has a row."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounts.models import MerchantMember, User
from billing.models import Bill, Deposit
from billing.rules.extension import Terms
from billing.services import extensions as plans
from contracts.rules.addenda import PlanPoint, Point
from core import calendar, money
from credit.models import Demand
from orders.actions import ACTIONS, CUSTOMER, MERCHANT, OPERATOR, Action
from orders.models import DamageClaim, Fault, Order, State
from orders.services import (
    aftersales,
    buyouts,
    checkout,
    choices,
    claims,
    cost_tables,
    defects,
    early_returns,
    extensions,
    inspections,
    losses,
    payments,
    photos,
    renewals,
    retrievals,
    swaps,
)
from rental.demo import asking, walk
from rental.simulation import people
from rental.simulation.people import Person
from rental.simulation.staff import COLLECTOR, STAFF
from rental.simulation.stage import Stage, operator, read
from storefront.pages import labels

Folk = dict[int, Person]
Fill = Callable[[Stage, Order], dict[str, Any] | None]
RARE, SELDOM, USUAL = 0.02, 0.15, 1.0
WHEN_HE_LOOKS = {  # state → the share of days on which customer, merchant, operator look at it
    State.PLACED: (0.05, 0.0, 0.8), State.APPROVED: (0.7, 0.0, 0.02), State.SIGNED: (0.7, 0.0, 0.02),
    State.PAID: (0.05, 0.7, 0.05), State.SHIPPED: (0.3, 0.0, 0.02), State.ACTIVE: (0.012, 0.004, 0.002),
    State.RETURNING: (0.5, 0.3, 0.02), State.INSPECTING: (0.4, 0.5, 0.05), State.SETTLING: (0.1, 0.0, 0.1),
    State.COMPLETED: (0.01, 0.01, 0.002), State.REFUSED: (0.02, 0.0, 0.2), State.CANCELLED: (0.002, 0.0, 0.2),
}  # fmt: skip
OF_A_FAULT = (0.5, 0.4, 0.2)  # while one is open
AT_THE_END = 0.3  # of days on which a customer looks whose term ends within a week, or is over


def look(stage: Stage, folk: Folk) -> None:
    """Each who has something to do with an open order looks at it on some days."""
    recent = stage.at - timedelta(days=40)
    rows = Order.objects.filter(state__in=WHEN_HE_LOOKS).exclude(closed_at__lt=recent).order_by("pk")
    faulty = set(Fault.objects.filter(state__in=Fault.OPEN).values_list("order", flat=True))
    for pk, state, start, months in rows.values_list("pk", "state", "lease__start", "lease__months"):
        shares = list(OF_A_FAULT if pk in faulty else WHEN_HE_LOOKS[State(state)])
        if state == State.ACTIVE and start and calendar.add_months(start, months) - stage.on <= timedelta(days=7):
            shares[0] = AT_THE_END
        for face, share in zip((CUSTOMER, MERCHANT, OPERATOR), shares, strict=True):
            if stage.happens(share):
                press(stage, folk, pk, face)


def hurry(stage: Stage, folk: Folk) -> None:
    """Who may sign or pay mostly does it at once: the offer waits for hours only."""
    for _ in range(3):
        rows = Order.objects.filter(state__in=[State.APPROVED, State.SIGNED], customer__in=folk).order_by("pk")
        for pk in list(rows.values_list("pk", flat=True)):
            if stage.happens(0.8):
                press(stage, folk, pk, CUSTOMER)


def press(stage: Stage, folk: Folk, order_id: int, face: str) -> None:
    """One of the buttons that this face shows of the order now, by their weights."""
    order = read(order_id)
    if order.customer_id not in folk:
        return
    offered = [each for each in ACTIONS if each.face == face and each.open_for(order, stage.at)]
    if not offered:
        return
    [action] = stage.chance.choices(offered, [WEIGHTS.get((face, each.name), USUAL) for each in offered])
    if action.run is None:
        PAGES[face, action.name](stage, folk[order.customer_id], order)
        return
    form = FORMS.get((face, action.name), _nothing)(stage, order)
    if form is not None:
        _take(stage, action, order, form)


def _take(stage: Stage, action: Action, order: Order, form: dict[str, Any]) -> None:
    assert action.run is not None  # asked before
    run, user = action.run, _who(stage, action.face, order)
    stage.act(f"{action.face}: {action.name}", run, order, user, form, stage.at)


def _who(stage: Stage, face: str, order: Order) -> User:
    if face == CUSTOMER:
        user: User = order.customer.user
        return user
    return operator(STAFF) if face == OPERATOR else _member(stage, order)


def _member(stage: Stage, order: Order) -> User:
    member = stage.one_of(MerchantMember.objects.filter(merchant=order.merchant).order_by("pk").select_related("user"))
    user: User = member.user
    return user


# pages of their own


def _sign(stage: Stage, person: Person, order: Order) -> None:
    if order.agreement is not None:
        stage.act("sign", walk.sign, order, person.phone, stage.at, stage.work)


def _pay_first(stage: Stage, person: Person, order: Order) -> None:
    people.pay(stage, person, "pay first", payments.pay_first, order, stage.at, person.channel)
    if read(order.pk).state != State.SIGNED:
        return
    if order.lease.deposit.kind == Deposit.Kind.PAID:
        people.pay(stage, person, "pay deposit", payments.pay_deposit, order, stage.at, person.channel)
    else:
        people.freeze(stage, person, order)


def _answer_claim(stage: Stage, person: Person, order: Order) -> None:
    """Of a damage claim: yes, no, or nothing yet."""
    if not DamageClaim.objects.filter(order=order, state=DamageClaim.State.PROPOSED).exists():
        return
    who = f"customer:{person.customer.pk}"
    if stage.happens(0.6):
        stage.act("accept claim", claims.accept, order.pk, who, stage.at)
    else:
        pictures = [asking.badge()] if stage.happens(0.5) else []
        stage.act("dispute claim", claims.dispute, order.pk, who, "寄出时没有", pictures, stage.at)


def _claim(stage: Stage, person: Person, order: Order) -> None:
    """Some lines of the signed list, each with a picture."""
    listed = claims.listed(order)
    if inspections.claimed(order) or not listed:
        return
    seen = stage.chance.sample(listed, min(len(listed), stage.chance.randint(1, 2)))
    lines = [claims.Found(each.code, "可见损伤", asking.badge()) for each in seen]
    found = inspections.Findings(serial_matches=True, wiped=True, note="")
    inspector = _member(stage, order)
    stage.act("claim damage", claims.propose, order.pk, inspector, found, lines, stage.at)


def _renew(stage: Stage, person: Person, order: Order) -> None:
    """Pick a further term, then sign its addendum; some think again."""
    who = f"customer:{person.customer.pk}"
    if renewals.of(order) is None:
        stage.act("pick a further term", _pick_term, stage, order, who)
    elif stage.happens(0.1):
        stage.act("think again", renewals.withdraw, order.pk, who, stage.at)
    else:
        stage.act("sign the further term", _sign_term, stage, person, order)


def _pick_term(stage: Stage, order: Order, who: str) -> None:
    offer = stage.one_of(renewals.offers(order, stage.on))
    renewals.open(order.pk, offer.months, who, stage.at, offer.code)


def _sign_term(stage: Stage, person: Person, order: Order) -> None:
    renewals.request_code(order, stage.at)
    stage.work()
    renewals.intend(
        order.pk, [each.value for each in Point], walk.code_for(person.phone), {"address": "127.0.0.1"}, stage.at
    )


def _swap(stage: Stage, person: Person, order: Order) -> None:
    """Order another device of the same merchant for this one."""
    if swaps.of(order) is None:
        stage.act("swap it", _order_other, stage, person, order)


def _order_other(stage: Stage, person: Person, order: Order) -> None:
    swaps.require(order, stage.on)
    plan = stage.one_of(swaps.others(order).order_by("pk"))
    if plan is None:
        return
    months = stage.chance.choice([term.months for term in plan.terms.all()])
    cost = checkout.quote(order.customer, plan, months, stage.on, replaced=order)
    asked = checkout.Swap(order.number, swaps.quote(order, stage.on, months).code)
    key = f"swap-{order.pk}-{stage.at.isoformat()}"
    wanted = [cost_tables.Wanted(plan.pk, months)]
    checkout.place_together(order.customer, wanted, order.address, cost.digest, key, stage.at, swap=asked)


def _answer_plan(stage: Stage, person: Person, order: Order) -> None:
    """Most sign the plan that was offered; who refuses has a button of his own."""
    if stage.happens(0.8):
        stage.act("sign the plan", _sign_plan, stage, person, order)


def _sign_plan(stage: Stage, person: Person, order: Order) -> None:
    extensions.request_code(order, stage.at)
    stage.work()
    points = [each.value for each in PlanPoint]
    extensions.intend(order.pk, points, walk.code_for(person.phone), {"address": "127.0.0.1"}, stage.at)


def _choose(stage: Stage, person: Person, order: Order) -> None:
    """One of the ways that the letter leaves, at the figures of the page."""
    offered = choices.of(order, stage.on)
    if offered is not None:
        kind = stage.chance.choice(sorted(offered.figures))
        who, shown = f"customer:{person.customer.pk}", offered.figures[kind].code
        stage.act(f"choose {kind}", choices.choose, order.pk, kind, who, stage.at, shown)


def _take_photo(stage: Stage, person: Person, order: Order) -> None:
    """One angle of what his photo page is open for now."""
    moment = photos.open_moment(order, photos.OF_CUSTOMER)
    if moment is not None:
        angle = stage.chance.choice(photos.Angle.values)
        who = f"customer:{person.customer.pk}"
        stage.act("photo", photos.add, order.pk, moment, angle, asking.badge(), who, stage.at)


def _print_label(stage: Stage, person: Person, order: Order) -> None:
    stage.act("print label", labels.of, order)


def _offer_plan(stage: Stage, person: Person, order: Order) -> None:
    """All that is due, in some parts from some day on; the limits say what is too much."""
    bills = plans.choosable(order.lease_id, stage.on).values_list("number", flat=True)
    first = stage.on + timedelta(days=stage.chance.randint(2, 33))
    fee = Decimal(stage.chance.choice(["0", "0", "1.00"]))
    terms = Terms(tuple(bills), stage.chance.randint(2, 6), first, fee)
    who = f"operator:{operator(COLLECTOR).pk}"
    stage.act("offer a plan", extensions.offer, order.pk, terms, who, stage.at)


PAGES: dict[tuple[str, str], Callable[[Stage, Person, Order], None]] = {
    (CUSTOMER, "agreement"): _sign,
    (CUSTOMER, "pay"): _pay_first,
    (CUSTOMER, "inspection"): _answer_claim,
    (CUSTOMER, "renew"): _renew,
    (CUSTOMER, "swap"): _swap,
    (CUSTOMER, "extension"): _answer_plan,
    (CUSTOMER, "choice"): _choose,
    (CUSTOMER, "label"): _print_label,
    (CUSTOMER, "photos"): _take_photo,
    (OPERATOR, "extension"): _offer_plan,
    (MERCHANT, "claim"): _claim,
}


# what a form asks


def _nothing(stage: Stage, order: Order) -> dict[str, Any]:
    return {}


def _waybill(stage: Stage, order: Order) -> dict[str, Any]:
    return {"carrier": stage.chance.choice(["sf", "jd"]), "waybill": f"SF{stage.chance.randrange(10**12):012d}"}


def _unit(stage: Stage, order: Order) -> dict[str, Any] | None:
    """The booked one, or one that is in nobody's hands."""
    if order.is_short:
        return _waybill(stage, order) | {"code": order.booking.unit.serial}
    held = Order.objects.filter(unit__isnull=False, closed_at=None).values("unit")
    free = order.merchant.units.filter(sku=order.plan.sku, retired_at=None).exclude(pk__in=held).order_by("pk").first()
    return _waybill(stage, order) | {"code": free.serial} if free else None


def _demand(stage: Stage, order: Order) -> dict[str, Any]:
    kind = stage.chance.choice([Demand.Kind.DOCUMENTS, Demand.Kind.CONTACT]) if order.state == "PLACED" else "VISIT"
    return {"kind": kind, "wanted": ["WORK"] if kind == Demand.Kind.DOCUMENTS else [], "grounds": "需要核实"}


def _held(stage: Stage, order: Order) -> dict[str, Any] | None:
    open_one = Demand.objects.filter(order_number=order.number, state=Demand.State.OPEN).first()
    return {"kind": open_one.kind, "grounds": "已核实"} if open_one else None


def _received(stage: Stage, order: Order) -> dict[str, Any] | None:
    bills = list(order.lease.bills.filter(state=Bill.State.OPEN, due_date__lte=stage.on).order_by("number")[:2])
    owed = money.total(bill.rent + bill.cover - bill.reduced - bill.paid for bill in bills)
    if owed <= 0:
        return None
    over = stage.chance.choice([Decimal(0), Decimal(0), Decimal("88.80")])
    return {"bills": [bill.number for bill in bills], "amount": owed + over, "received_at": stage.at,
            "reference": f"BANK{stage.chance.randrange(10**9)}", "note": "银行回单"}  # fmt: skip


def _reduction(stage: Stage, order: Order) -> dict[str, Any] | None:
    bill = order.lease.bills.filter(state=Bill.State.OPEN).order_by("number").first()
    if bill is None:
        return None
    amount = Decimal(stage.chance.randint(100, 9000)) / 100
    return {"bill": bill.number, "part": stage.chance.choice(["RENT", "FEE"]), "amount": amount, "reason": "客户体谅"}


def _buyout(stage: Stage, order: Order) -> dict[str, Any]:
    return {"shown": buyouts.quote(order, stage.on).code}


def _early(stage: Stage, order: Order) -> dict[str, Any]:
    return {"shown": early_returns.quote(order, stage.on, early_returns.basis_on(order, stage.on)).code}


def _broken(stage: Stage, order: Order) -> dict[str, Any]:
    shown = defects.quote(order, stage.on, defects.days_used(order, stage.at)).code
    return {"points": ["power"], "words": "开不了机", "shown": shown}


def _gone(stage: Stage, order: Order) -> dict[str, Any]:
    how = stage.chance.choice([losses.LOST, losses.STOLEN])
    told = {"how": how, "story": "昨天在地铁上", "police": "A110"}
    return told | {"shown": losses.quote(order, stage.on).code}


def _back(stage: Stage, order: Order) -> dict[str, Any] | None:
    """The repaired one, or a free unit in its place."""
    fault = aftersales.of(order)
    return _unit(stage, order) if fault and fault.remedy == "EXCHANGE" else _waybill(stage, order) | {"code": ""}


FORMS: dict[tuple[str, str], Fill] = {
    (CUSTOMER, "confirm"): lambda stage, order: {"seen": ["power", "serial"]},
    (CUSTOMER, "defect"): lambda stage, order: {"points": ["power"], "words": "开不了机"},
    (CUSTOMER, "broken"): _broken,
    (CUSTOMER, "buy"): _buyout,
    (CUSTOMER, "return-early"): _early,
    (CUSTOMER, "hand-over"): _waybill,
    (OPERATOR, "estate-sent"): _waybill,
    (CUSTOMER, "lost"): _gone,
    (CUSTOMER, "found-late"): lambda stage, order: {"shown": retrievals.quote(order, stage.on).code},
    (CUSTOMER, "send-found"): _waybill,
    (OPERATOR, "found-refuse"): lambda stage, order: {"reason": "寄来的不是这台设备"},
    (OPERATOR, "lost"): _gone,
    (CUSTOMER, "ask-a-person"): lambda stage, order: {"text": "请人工看一下"},
    (CUSTOMER, "fault"): lambda stage, order: {"words": "屏幕不亮"},
    (CUSTOMER, "fault-send"): _waybill,
    (MERCHANT, "fault-decline"): lambda stage, order: {"answer": "不在保障范围"},
    (OPERATOR, "fault-decline"): lambda stage, order: {"answer": "不在保障范围"},
    (MERCHANT, "fault-back"): _back,
    (MERCHANT, "ship"): _unit,
    (MERCHANT, "pass"): lambda stage, order: {"serial_matches": True, "wiped": True, "condition": "", "note": ""},
    (MERCHANT, "activation"): lambda stage, order: {"activated": stage.happens(0.9), "source": "MAKER"},
    (MERCHANT, "cancel"): lambda stage, order: {"reason": "缺货"},
    (OPERATOR, "demand"): _demand,
    (OPERATOR, "waive"): _held,
    (OPERATOR, "refuse"): lambda stage, order: {"reason": "资料不符"},
    (OPERATOR, "release"): lambda stage, order: {"reason": "已核对付款人"},
    (OPERATOR, "received"): _received,
    (OPERATOR, "deduct"): lambda stage, order: {"at_most": None, "reason": "未付租金"},
    (OPERATOR, "reduce"): _reduction,
    (OPERATOR, "terminate"): lambda stage, order: {"reason": "催告期满未作选择"},
    (OPERATOR, "write-off"): lambda stage, order: {"reason": "客户去世，无遗产"},
    (OPERATOR, "cancel"): lambda stage, order: {"reason": "客户来电"},
    (OPERATOR, "allow"): lambda stage, order: {"answer": "看过了，可以再来"},
    (OPERATOR, "uphold"): lambda stage, order: {"answer": "维持原结果"},
}
WEIGHTS = {
    (CUSTOMER, "cancel"): RARE, (CUSTOMER, "defect"): SELDOM, (CUSTOMER, "buy"): SELDOM, (CUSTOMER, "withdraw"): RARE,
    (CUSTOMER, "broken"): SELDOM,
    (CUSTOMER, "lost"): RARE, (OPERATOR, "lost"): RARE, (CUSTOMER, "found"): SELDOM, (MERCHANT, "found"): SELDOM,
    (OPERATOR, "found"): SELDOM, (OPERATOR, "found-refuse"): RARE, (CUSTOMER, "fault"): SELDOM,
    (CUSTOMER, "return-early"): SELDOM, (CUSTOMER, "swap"): SELDOM, (CUSTOMER, "do-not-swap"): SELDOM,
    (CUSTOMER, "do-not-buy"): SELDOM, (MERCHANT, "cancel"): RARE,
    (MERCHANT, "locked"): RARE, (MERCHANT, "claim"): SELDOM, (OPERATOR, "demand"): RARE, (OPERATOR, "refuse"): RARE,
    (OPERATOR, "cancel"): RARE, (OPERATOR, "delivered"): RARE, (OPERATOR, "turned-back"): RARE,
    (OPERATOR, "write-off"): RARE, (OPERATOR, "reduce"): SELDOM, (OPERATOR, "received"): SELDOM,
}  # fmt: skip
