"""Orders in the admin: to look at; the work is done at the desk."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin, ReadOnlyInline
from orders.models import Checkout, Ending, Inspection, Order, Parcel


class ParcelInline(ReadOnlyInline):
    model = Parcel
    fields = ("way", "carrier", "waybill", "handed_over_at", "delivered_at", "void_at")


class EndingInline(ReadOnlyInline):
    model = Ending
    fields = ("kind", "state", "opened_at", "closed_at")


class InspectionInline(ReadOnlyInline):
    model = Inspection
    fields = ("result", "serial_matches", "wiped", "note", "inspector", "made_at")


class OrderInline(ReadOnlyInline):
    model = Order
    fields = ("number", "state", "merchant", "plan", "months", "placed_at")
    show_change_link = True


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Also the way to the order's page at the desk."""

    list_display = ("number", "state", "merchant", "customer", "placed_at", "waits_until", "desk")
    list_filter = ("state", "merchant")
    list_select_related = ("merchant", "customer")
    search_fields = ("number", "=customer__number")
    exclude = ("address",)
    readonly_fields = ("desk",)
    inlines = (ParcelInline, EndingInline, InspectionInline)
    ordering = ("-id",)

    @admin.display(description=_("at the desk"))
    def desk(self, order: Order) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("desk:order", args=[order.number]), order.number)


@admin.register(Checkout)
class CheckoutAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "placed_at")
    list_select_related = ("customer",)
    search_fields = ("number", "=customer__number")
    inlines = (OrderInline,)
    ordering = ("-id",)
