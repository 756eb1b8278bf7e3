"""People in the admin: merchants and staff are configured here, proofs and consents are looked at."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.paginator import InfinitePaginator

from accounts.models import (
    Address,
    Consent,
    Contact,
    Customer,
    Document,
    IdentityVerification,
    Merchant,
    MerchantMember,
    Standstill,
    User,
)
from accounts.services import customers
from core import clock
from core.admin import ReadOnlyAdmin, ReadOnlyInline
from core.fields import Sealed

VERBS = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("look at")}


def masked(sealed: Sealed | None) -> str:
    """What a screen may show of a sealed fact."""
    return sealed.masked if sealed else "–"


class StaffCreationForm(UserCreationForm):  # type: ignore[misc]  # Unfold carries no types
    class Meta:
        model = User
        fields = ("login", "kind", "language")


class StaffChangeForm(UserChangeForm):  # type: ignore[misc]
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    """Staff and merchants' people get their sign-in here; only a superuser hands out rights."""

    form = StaffChangeForm
    add_form = StaffCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("login", "kind", "masked_phone", "is_staff", "is_active", "joined_at")
    list_filter = ("kind", "is_staff", "is_active")
    search_fields = ("=login",)
    ordering = ("-id",)
    readonly_fields = ("masked_phone", "joined_at", "last_login")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("login", "password", "kind", "language", "masked_phone")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Times"), {"fields": ("joined_at", "last_login")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("login", "kind", "language", "password1", "password2")}),)
    RIGHTS: ClassVar = ("kind", "is_staff", "is_superuser", "groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        own = super().get_readonly_fields(request, obj)
        return own if request.user.is_superuser else (*own, *self.RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever could set a superuser's password would be one."""
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not is_above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People leave by losing `is_active`; what they did keeps its name."""
        return False

    @admin.display(description=_("phone"))
    def masked_phone(self, user: User) -> str:
        return masked(user.phone)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Rights by job: a group is given to people, never a single right."""

    search_fields = ("name",)
    filter_horizontal = ()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        """Only rights over tables that stand in this admin, named in the reader's language."""
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        tables = [ContentType.objects.get_for_model(model) for model in self.admin_site._registry]
        rights = Permission.objects.filter(content_type__in=tables).select_related("content_type")
        field.queryset = rights.order_by("content_type__app_label", "content_type__model", "codename")
        field.label_from_instance = _right
        field.widget.attrs["size"] = 16
        return field


class IdentityVerificationInline(ReadOnlyInline):
    model = IdentityVerification
    fields = ("state", "masked_name", "masked_number", "reason", "requested_at", "answered_at")
    readonly_fields = fields

    @admin.display(description=_("name"))
    def masked_name(self, row: IdentityVerification) -> str:
        return masked(row.name)

    @admin.display(description=_("ID number"))
    def masked_number(self, row: IdentityVerification) -> str:
        return masked(row.id_number)


class ConsentInline(ReadOnlyInline):
    model = Consent
    fields = ("purpose", "version", "given_at", "withdrawn_at")


@admin.register(Customer)
class CustomerAdmin(ModelAdmin):  # type: ignore[misc]
    """A customer is made by signing in; only the block is set here, and it is an event."""

    paginator = InfinitePaginator
    show_full_result_count = False

    list_display = ("number", "masked_phone", "blocked_reason", "desk")
    list_filter = (("blocked_reason", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("=number",)
    fields = ("number", "desk", "masked_phone", "blocked_reason")
    readonly_fields = ("number", "desk", "masked_phone")
    inlines = (IdentityVerificationInline, ConsentInline)
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        actor, at = f"operator:{request.user.pk}", clock.now()
        if obj.blocked_reason:
            customers.block(obj.pk, obj.blocked_reason, actor, at)
        else:
            customers.unblock(obj.pk, actor, at)

    @admin.display(description=_("at the desk"))
    def desk(self, customer: Customer) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("desk:customer", args=[customer.number]), customer.number)

    @admin.display(description=_("phone"))
    def masked_phone(self, customer: Customer) -> str:
        return masked(customer.user.phone)


class MerchantMemberInline(TabularInline):  # type: ignore[misc]
    model = MerchantMember
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Merchant)
class MerchantAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "name_en", "licence_number", "telephone")
    search_fields = ("name", "name_en", "=licence_number")
    inlines = (MerchantMemberInline,)
    ordering = ("name",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(IdentityVerification)
class IdentityVerificationAdmin(ReadOnlyAdmin):
    list_display = ("requested_at", "customer", "state", "masked_name", "masked_number", "reason", "answered_at")
    list_filter = ("state", "reason")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    fields = (
        "customer",
        "state",
        "masked_name",
        "masked_number",
        "reason",
        "requested_at",
        "matched_at",
        "answered_at",
    )
    readonly_fields = fields
    ordering = ("-id",)
    masked_name = IdentityVerificationInline.masked_name
    masked_number = IdentityVerificationInline.masked_number


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ("given_at", "customer", "purpose", "version", "withdrawn_at")
    list_filter = ("purpose", "version", ("withdrawn_at", admin.EmptyFieldListFilter))
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    ordering = ("-id",)


@admin.register(Address)
class AddressAdmin(ReadOnlyAdmin):
    list_display = ("added_at", "customer", "region", "masked_consignee")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    fields = ("customer", "region", "masked_consignee", "masked_street", "added_at")
    readonly_fields = fields
    ordering = ("-id",)

    @admin.display(description=_("consignee"))
    def masked_consignee(self, address: Address) -> str:
        return masked(address.consignee)

    @admin.display(description=_("street"))
    def masked_street(self, address: Address) -> str:
        return masked(address.street)


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    """Names and phones stay masked here: they are read at the desk, for the review."""

    list_display = ("named_at", "customer", "order_number", "kind", "state", "keep_until", "erased_at")
    list_filter = ("kind", "state", ("erased_at", admin.EmptyFieldListFilter))
    list_select_related = ("customer",)
    search_fields = ("=order_number", "=customer__number")
    fields = (
        "customer", "order_number", "kind", "state", "relation", "named_at", "consented_at", "reviewed_at", "grounds",
        "keep_until", "erased_at",
    )  # fmt: skip
    ordering = ("-id",)


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """That there are pictures, never the pictures."""

    list_display = ("given_at", "customer", "order_number", "kind", "state", "keep_until", "erased_at")
    list_filter = ("kind", "state", ("erased_at", admin.EmptyFieldListFilter))
    list_select_related = ("customer",)
    search_fields = ("=order_number", "=customer__number")
    fields = (
        "customer", "order_number", "kind", "state", "width", "height", "size", "given_at", "reviewed_at", "grounds",
        "keep_until", "erased_at",
    )  # fmt: skip
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("sealed")


@admin.register(Standstill)
class StandstillAdmin(ReadOnlyAdmin):
    """That there is a paper, never the paper: it is read at the desk."""

    list_display = ("recorded_at", "customer", "kind", "state", "day", "since", "until")
    list_filter = ("kind", "state")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    fields = (
        "customer", "kind", "state", "day", "since", "note", "recorded_by", "recorded_at", "until", "withdrawn_by",
        "withdrawn_at", "grounds",
    )  # fmt: skip
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("sealed")


def _right(right: Permission) -> str:
    """“Lease plan: change” instead of Django's English name."""
    model = right.content_type.model_class()
    verb, _line, _table = right.codename.partition("_")
    return f"{model._meta.verbose_name if model else right.content_type}: {VERBS.get(verb, verb)}"
