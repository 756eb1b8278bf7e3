"""What paying late costs, in words, in both modes (domain.md §6): by the rules in force, or by a lease's own terms."""

from decimal import Decimal

from django.utils.translation import gettext as _

from billing.rules.lease_rules import LeaseRules
from billing.rules.terms import FeeMode, LeaseTerms
from core.templatetags.xinzu import rate, yuan


def told(rules: LeaseRules) -> str:
    """What grace is, what comes after it, and the cap."""
    if rules.late_fee_mode is FeeMode.RETROACTIVE:
        said = _(
            "Nothing is charged if you pay within %(grace)s days. After them it is %(rate)s a day from the day"
            " after the due day on, the days of grace included, at most %(cap)s of that rent."
        )
    else:
        said = _("Nothing is charged within %(grace)s days. After that %(rate)s a day, at most %(cap)s of that rent.")
    return said % {"grace": rules.grace_days, "rate": rate(rules.fee_rate_daily), "cap": rate(rules.fee_cap_rate)}


def rule_of_bill(terms: LeaseTerms, rent: Decimal, cap: Decimal) -> str:
    """The formula, in the amounts of one bill."""
    if terms.late_fee_mode is FeeMode.RETROACTIVE:
        said = _(
            "For this bill alone. Late fee = %(rent)s × %(rate)s × the days after the due day, once the days of grace"
            " (%(grace)s) have passed; at most %(cap)s (%(share)s)."
        )
    else:
        said = _(
            "For this bill alone. Late fee = %(rent)s × %(rate)s × the days after grace, at most %(cap)s (%(share)s)."
        )
    shares = {"rate": rate(terms.fee_rate_daily), "share": rate(terms.fee_cap_rate)}
    return said % {"rent": yuan(rent), "cap": yuan(cap), "grace": terms.grace_days, **shares}


def counted(terms: LeaseTerms, days_late: int) -> str:
    """How many days the fee of today counts, once grace has passed."""
    if terms.late_fee_mode is FeeMode.RETROACTIVE:
        return _("%(days)s days past due, all of them counted now") % {"days": days_late}
    figures = {"days": days_late, "grace": terms.grace_days}
    return _("%(days)s days past due, the first %(grace)s are free") % figures


def none_yet(terms: LeaseTerms) -> str:
    if terms.late_fee_mode is FeeMode.RETROACTIVE:
        return _("none if paid within %(grace)s days of grace") % {"grace": terms.grace_days}
    return _("none within %(grace)s days of grace") % {"grace": terms.grace_days}


def begins(terms: LeaseTerms) -> str:
    """The first days after grace."""
    if terms.late_fee_mode is FeeMode.RETROACTIVE:
        return _("The late fee counts, the days of grace included. We may call between 8:00 and 22:00")
    return _("The late fee counts. We may call between 8:00 and 22:00")
