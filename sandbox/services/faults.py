"""Misbehaviour on order (reliability.md: faults that must cost nothing)."""

from django.db.models import F

from sandbox.models import FaultOrder

Kind = FaultOrder.Kind
ANY_NOTICE = "notice"


def order(target: str, kind: FaultOrder.Kind, *, times: int = 1, argument: str = "") -> FaultOrder:
    """Misbehave at the next `times` matches.

    `target` is a method (`alipay.trade.refund`, `SendSms`, `tsa`), `notice:<notify_type>`, or `notice` for any notice.
    """
    return FaultOrder.objects.create(target=target, kind=kind, remaining=times, argument=argument)


def take(*targets: str) -> FaultOrder | None:
    """The oldest order that matches, spent by one; None when all shall go well."""
    for fault in FaultOrder.objects.filter(target__in=targets, remaining__gt=0).order_by("pk"):
        if FaultOrder.objects.filter(pk=fault.pk, remaining__gt=0).update(remaining=F("remaining") - 1):
            return fault
    return None


def pending() -> list[FaultOrder]:
    return list(FaultOrder.objects.filter(remaining__gt=0).order_by("pk"))


def forget() -> None:
    FaultOrder.objects.all().delete()
