"""Filling the agreement: every term from the order, its lease, its plan and the people."""

from datetime import datetime

from django.utils import translation

from accounts.services import identity
from billing.models import Lease
from billing.rules.terms import LeaseTerms
from catalog.models import LeasePlan
from catalog.rules import pricing
from catalog.rules.pricing import Disclosure, YearlyCost
from contracts.models import Agreement
from contracts.rules import terms as paper
from core import calendar
from core.services.events import PLATFORM
from orders.models import Order
from orders.rules import damage
from orders.services.checkout import IdentityFirst

PLATFORM_NAME = "信租 Xinzu"
RELEASE_WORKING_DAYS = 3  # domain.md §7
COOLING_OFF_DAYS = 7  # domain.md §8
ANSWER_HOURS = 72
_PAYERS = {"MERCHANT": paper.Payer.LESSOR, "CUSTOMER": paper.Payer.LESSEE}


def of(order: Order, at: datetime) -> paper.AgreementTerms:
    """The agreement's terms as they stand; unseals the lessee's name and address, which is logged.

    MissingTerm or InconsistentTerms when the order cannot be put on paper: then there is no agreement.
    """
    plan, lease = order.plan, order.lease
    deal = LeaseTerms.from_json(lease.terms)
    bills = _bills(lease)
    owned = plan.lease_model != "RETURN_ONLY"
    chinese = order.customer.user.language.startswith("zh")
    languages = (paper.CHINESE,) if chinese else (paper.CHINESE, paper.ENGLISH)
    shown, paid = _disclosed(plan, deal), _cost_with_deposit(lease, plan, deal)
    total_to_return = sum((bill.payable for bill in bills), start=deal.monthly_rent * 0)
    return paper.AgreementTerms(
        number=_number(order),
        languages=languages,
        agreed_on=calendar.business_date(at),
        platform=PLATFORM_NAME,
        lessor=paper.Party(
            order.merchant.name, order.merchant.licence_number, order.merchant.address, order.merchant.telephone
        ),
        lessee=_lessee(order, at),
        device=_device(plan, languages),
        lease_model=paper.LeaseModel(plan.lease_model),
        months=order.months,
        monthly_rent=deal.monthly_rent,
        bills=bills,
        deposit=_deposit(lease),
        total_to_return=total_to_return,
        total_to_own=total_to_return + deal.curve[-1] if owned else None,
        buyout_prices=tuple(deal.curve) if owned else (),
        annual_cost_simple=shown.cost_simple_yearly if owned else None,
        annual_cost_effective=shown.cost_effective_yearly if owned else None,
        late_fee=paper.LateFee(
            paper.FeeMode(deal.late_fee_mode), deal.grace_days, deal.fee_rate_daily, deal.fee_cap_rate
        ),
        damage=_damage(deal),
        delivery=_delivery(order, at),
        early_return_months=deal.early_return_months,
        return_window_days=deal.return_window_days,
        cooling_off_days=0 if deal.is_short else COOLING_OFF_DAYS,
        first_day=deal.first_day,
        last_day=deal.last_day,
        day_price=deal.day_price,
        annual_cost_deposit_simple=paid.simple if paid else None,
        annual_cost_deposit_effective=paid.effective if paid else None,
        cover_name=_cover_name(plan, languages) if deal.cover_monthly else None,
    )


def _number(order: Order) -> str:
    """The order's; of a paper that replaces one that nobody signed with a rank behind it."""
    made = Agreement.objects.filter(kind=Agreement.Kind.LEASE, number__startswith=order.number).count()
    return f"{order.number}-{made + 1}" if made else order.number


def _bills(lease: Lease) -> tuple[paper.BillTerm, ...]:
    """Bill 1 is due at checkout, the others month by month from receipt."""
    dues = {1: paper.Due.CHECKOUT}
    rows = lease.bills.order_by("number")
    return tuple(paper.BillTerm(b.number, dues.get(b.number, paper.Due.MONTHLY), b.rent, b.cover) for b in rows)


def _lessee(order: Order, at: datetime) -> paper.Party:
    customer = order.customer
    proved = identity.verified(customer)
    if proved is None or customer.user.phone is None:
        raise IdentityFirst
    return paper.Party(
        proved.name.open(by=PLATFORM, purpose="agreement", at=at),
        proved.id_number.masked,
        order.address.region,  # the street stands with the delivery
        customer.user.phone.masked,
    )


def _disclosed(plan: LeasePlan, deal: LeaseTerms) -> Disclosure:
    return pricing.disclose(
        cash_price=deal.cash_price,
        monthly_rent=deal.monthly_rent,
        months=deal.periods,
        total_to_own=deal.total_to_own,
        cover_monthly=plan.compulsory_cover,
        chosen_cover=deal.cover_monthly - plan.compulsory_cover,
    )


def _cost_with_deposit(lease: Lease, plan: LeasePlan, deal: LeaseTerms) -> YearlyCost | None:
    """The second yearly cost, of a deposit that is paid."""
    if lease.deposit.kind != paper.DepositKind.PAID or not lease.deposit.to_hold or not deal.curve:
        return None
    instalment = deal.monthly_rent + plan.compulsory_cover
    return pricing.cost_with_deposit(
        deal.cash_price, deal.months, instalment, deal.curve[-1], deposit=lease.deposit.to_hold
    )


def _cover_name(plan: LeasePlan, languages: tuple[str, ...]) -> str:
    if plan.compulsory_cover:
        return _said(languages, "意外保障", "accident cover")
    return _said(languages, "意外保障（自选）", "accident cover (your choice)")


def _said(languages: tuple[str, ...], chinese: str, english: str) -> str:
    """One paper carries both languages, so its names do too."""
    return f"{chinese} / {english}" if paper.ENGLISH in languages and english != chinese else chinese


def _device(plan: LeasePlan, languages: tuple[str, ...]) -> paper.Device:
    model, sku = plan.sku.device_model, plan.sku
    assert plan.cash_price is not None

    with translation.override("zh-hans"):
        condition = str(sku.get_condition_display())
    with translation.override("en"):
        condition_en = str(sku.get_condition_display())
    return paper.Device(
        model=_said(languages, f"{model.brand} {model.name}", model.name_en),
        specification=_said(languages, sku.specification, sku.specification_en),
        condition=_said(languages, condition, condition_en),
        signed_value=plan.signed_value,
        cash_price=plan.cash_price,
        managed=_said(languages, "远程锁机", "remote lock") if plan.managed else None,
    )


def _deposit(lease: Lease) -> paper.Deposit:
    deposit = lease.deposit
    return paper.Deposit(
        deposit.total, deposit.waived, deposit.to_hold, paper.DepositKind(deposit.kind), RELEASE_WORKING_DAYS
    )


def _damage(deal: LeaseTerms) -> paper.DamageRules:
    return paper.DamageRules(
        lines=tuple(paper.DamageLine(i.code, i.name, i.name_en, i.amount) for i in deal.damage),
        depreciation_months=damage.DEPRECIATION_MONTHS,
        residual_share=damage.RESIDUAL_SHARE,
        answer_hours=ANSWER_HOURS,
    )


def _delivery(order: Order, at: datetime) -> paper.Delivery:
    address = order.address
    street = address.street.open(by=PLATFORM, purpose="agreement", at=at)
    return paper.Delivery(
        recipient=address.consignee.open(by=PLATFORM, purpose="agreement", at=at),
        phone=address.phone.masked,
        address=f"{address.region} {street}",
        outbound_payer=_PAYERS[order.plan.ships_out],
        return_payer=_PAYERS[order.plan.ships_back],
    )
