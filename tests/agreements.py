"""A worked agreement for tests: the example of domain.md §3 (9,999; 12 × 541.83; total to own 12,798.06)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.rules import terms as t
from core import money

RENT = Decimal("541.83")
CASH = Decimal("9999.00")
TO_OWN = Decimal("12798.06")


def prices(months: int = 12) -> tuple[Decimal, ...]:
    premium = TO_OWN - CASH
    return tuple(money.floor_fen(CASH + premium * k / months - RENT * k) for k in range(1, months + 1))


def terms(**changes: Any) -> t.AgreementTerms:
    """The worked agreement, bilingual, with `changes`."""
    return replace(_TERMS, **changes)


def return_only(**changes: Any) -> t.AgreementTerms:
    bare: dict[str, Any] = {
        "lease_model": t.LeaseModel.RETURN_ONLY,
        "total_to_own": None,
        "buyout_prices": (),
        "annual_cost_simple": None,
        "annual_cost_effective": None,
    }
    return terms(**{**bare, **changes})


def short(**changes: Any) -> t.AgreementTerms:
    rent = Decimal("180.00")
    bare: dict[str, Any] = {
        "months": 0,
        "monthly_rent": rent,
        "bills": (t.BillTerm(1, t.Due.CHECKOUT, rent),),
        "total_to_return": rent,
        "first_day": date(2026, 12, 1),
        "last_day": date(2026, 12, 3),
        "cooling_off_days": 0,
        "return_window_days": 0,
        "early_return_months": 0,
    }
    return return_only(**{**bare, **changes})


def lessee(name: str) -> t.Party:
    return t.Party(name, "3301**********2846", "浙江省杭州市西湖区文三路 ***", "138****6201")


def _bill(number: int) -> t.BillTerm:
    return t.BillTerm(number, t.Due.CHECKOUT if number == 1 else t.Due.MONTHLY, RENT)


_TERMS = t.AgreementTerms(
    number="XZ-20261122-0417",
    languages=("zh", "en"),
    agreed_on=date(2026, 11, 22),
    platform="信租 Xinzu",
    lessor=t.Party("杭州拾光数码科技有限公司", "9133****2K7Q", "浙江省杭州市滨江区江南大道 588 号", "0571-****8800"),
    lessee=lessee("林知夏"),
    device=t.Device("青禾 Q7 Pro", "12GB+256GB 雾青", "全新", Decimal("8999.00"), CASH),
    lease_model=t.LeaseModel.OPTION_TO_BUY,
    months=12,
    monthly_rent=RENT,
    bills=tuple(_bill(k) for k in range(1, 13)),
    deposit=t.Deposit(Decimal("4000.00"), Decimal("3200.00"), Decimal("800.00"), t.DepositKind.FREEZE, 3),
    total_to_return=RENT * 12,
    total_to_own=TO_OWN,
    buyout_prices=prices(),
    annual_cost_simple=Decimal("0.3560"),
    annual_cost_effective=Decimal("0.4200"),
    late_fee=t.LateFee(t.FeeMode.FREE, 3, Decimal("0.0003"), Decimal("0.20")),
    damage=t.DamageRules(
        (
            t.DamageLine("SCREEN", "屏幕碎裂（外屏）", "Cracked screen glass", Decimal("680.00")),
            t.DamageLine("PANEL", "屏幕显示异常", "Faulty display panel", Decimal("1580.00")),
            t.DamageLine("BACK", "后盖破裂", "Cracked back cover", Decimal("420.00")),
            t.DamageLine("WATER", "进水损坏", "Water damage", Decimal("2600.00")),
            t.DamageLine("CHARGER", "缺少充电器", "Missing charger", Decimal("99.00")),
        ),
        36,
        Decimal("0.20"),
        72,
    ),
    delivery=t.Delivery("林知夏", "138****6201", "浙江省杭州市西湖区文三路 ***", t.Payer.LESSOR, t.Payer.LESSOR),
    early_return_months=1,
    return_window_days=3,
    cooling_off_days=7,
)
