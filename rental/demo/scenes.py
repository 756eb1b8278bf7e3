"""What the pictures show: the screens that carry the product (design.md), and who looks at them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from billing.models import Bill
from catalog.models import LeasePlan
from core import seals
from credit.models import TierSet
from orders.models import Order, State
from rental.demo import cast
from rental.demo.stories import STORIES

DEVICE = "q7-pro"
CUSTOMERS = {  # their situation in the demo's stories
    "tenant": "in the ninth month of 18",
    "newcomer": "on its way",
    "regular": "a quota in use",
    "signer": "approved: to be signed",
    "late": "a bill past its grace, with a fee",
    "returner": "return opened, not sent yet",
}
STAFF = {"merchant": cast.MERCHANTS[0].login, "operator": next(iter(cast.OPERATORS))}


class NoPast(Exception):
    """The demo's people have no past yet, so there is nothing to show."""


@dataclass(frozen=True)
class Scene:
    """One picture, in every width and language; `who` is "" for nobody, else one of CUSTOMERS or STAFF."""

    name: str
    who: str
    path: str
    kept: bool = False  # in docs/pictures, for the README
    dark: bool = False  # shown dark too
    at_end: bool = False  # the end of the page, not its beginning


def user(who: str) -> User | None:
    """Who looks; None for nobody. NoPast for a customer who is not there yet."""
    if not who:
        return None
    if who in STAFF:
        return User.objects.get(login=STAFF[who])
    found = User.objects.filter(phone_index=seals.blind_index("phone", phone(who))).first()
    if found is None:
        raise NoPast
    return found


def phone(who: str) -> str:
    return next(story.role.phone for story in STORIES if story.role.story == CUSTOMERS[who])


def all_scenes() -> list[Scene]:
    """Every screen. NoPast while the demo's past is still being filled in."""
    return [*_customer(), *_merchant(), *_operator()]


def _customer() -> Iterator[Scene]:
    lease, signing, late = (_order(who, state) for who, state in _NEEDED)
    plan = _plan(DEVICE).pk
    back = _order("returner", State.RETURNING)
    yield Scene("home", "regular", "/", kept=True, dark=True)
    yield Scene("list", "", "/devices/", kept=True)
    yield Scene("device", "", f"/devices/{plan}/?months=12", kept=True, dark=True)
    yield Scene("credit", "newcomer", "/my/credit/", kept=True)
    yield Scene("checkout", "newcomer", f"/checkout/{plan}/?months=12")
    yield Scene("agreement", "signer", f"/orders/{signing.number}/agreement/")
    yield Scene("sign", "signer", f"/orders/{signing.number}/agreement/", at_end=True)
    yield Scene("paper", "tenant", f"/orders/{lease.number}/agreement/", kept=True)
    yield Scene("leases", "tenant", "/my/leases/")
    yield Scene("lease", "tenant", f"/leases/{lease.number}/", kept=True, dark=True)
    yield Scene("bill", "tenant", f"/leases/{lease.number}/bills/{_open_bill(lease)}/")
    yield Scene("bill-late", "late", f"/leases/{late.number}/bills/{_open_bill(late)}/", dark=True)
    yield Scene("return", "returner", f"/orders/{back.number}/hand-over/")
    yield Scene("messages", "tenant", "/my/messages/")


_NEEDED = (("tenant", State.ACTIVE), ("signer", State.APPROVED), ("late", State.ACTIVE))


def _merchant() -> Iterator[Scene]:
    to_ship, to_inspect = (_of_merchant(state).number for state in (State.PAID, State.INSPECTING))
    yield Scene("board", "merchant", "/portal/", kept=True)
    yield Scene("merchant-orders", "merchant", "/portal/orders/")
    yield Scene("merchant-order", "merchant", f"/portal/orders/{to_ship}/")
    yield Scene("shipping", "merchant", f"/portal/orders/{to_ship}/ship/")
    yield Scene("inspection", "merchant", f"/portal/orders/{to_inspect}/pass/")
    yield Scene("units", "merchant", "/portal/units/")
    yield Scene("merchant-agreements", "merchant", "/portal/agreements/")
    yield Scene("staff", "merchant", "/portal/staff/")


def _operator() -> Iterator[Scene]:
    review = Order.objects.filter(state=State.PLACED).order_by("waits_until").first()
    order = _order("tenant", State.ACTIVE)
    if review is None:
        raise NoPast
    yield Scene("dashboard", "operator", "/desk/", kept=True, dark=True)
    yield Scene("review", "operator", "/desk/queues/review/")
    yield Scene("review-order", "operator", f"/desk/orders/{review.number}/")
    yield Scene("desk-order", "operator", f"/desk/orders/{order.number}/")
    yield Scene("desk-customer", "operator", f"/desk/customers/{order.customer.number}/")
    yield Scene("clock", "operator", "/desk/clock/")
    yield Scene("admin-plan", "operator", reverse("admin:catalog_leaseplan_change", args=[_plan(DEVICE).pk]))
    yield Scene(
        "admin-tiers", "operator", reverse("admin:credit_tierset_change", args=[TierSet.objects.latest("pk").pk])
    )


def _plan(slug: str) -> LeasePlan:
    return LeasePlan.objects.filter(sku__device_model__slug=slug, state="PUBLISHED").earliest("pk")


def _order(who: str, state: str) -> Order:
    looker = user(who)
    found = Order.objects.filter(customer__user=looker, state=state).order_by("pk").first()
    if found is None:
        raise NoPast
    return found


def _of_merchant(state: str) -> Order:
    member = user("merchant")
    found = Order.objects.filter(merchant__members__user=member, state=state).order_by("waits_until").first()
    if found is None:
        raise NoPast
    return found


def _open_bill(order: Order) -> int:
    """The number of the first bill that is open, or else of the last one."""
    bills = Bill.objects.filter(lease=order.lease_id).order_by("number")
    found = bills.filter(state=Bill.State.OPEN).first() or bills.last()
    assert found is not None  # a lease has bills
    return int(found.number)
