"""The merchant's people, for its owners: who works here, adding, closing, letting in again, appointing."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import MerchantMember
from accounts.services import members
from core.errors import DomainError
from portal.forms import MemberForm, PasswordForm
from portal.views.access import MemberRequest, owners_only
from portal.views.answer import page, tell

FIELDS = {"login_invalid": "login", "login_taken": "login", "password_weak": "password"}


@require_safe
@owners_only
def staff(request: MemberRequest) -> HttpResponse:
    """Everyone who works here, owners first, closed accounts last."""
    rows = MerchantMember.objects.filter(merchant=request.merchant).select_related("user")
    everyone = rows.order_by("-user__is_active", "role", "pk")
    return page(request, "staff", _("Staff"), section="staff", rows=everyone, own=request.member.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def add(request: MemberRequest) -> HttpResponse:
    """A login and a first password, which the owner hands over himself."""
    form = MemberForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            made = members.add(request.member, facts["login"], facts["password"], facts["role"], request.at)
        except DomainError as error:
            form.add_error(FIELDS.get(error.code), str(error))
        else:
            tell(request, _("Added: %(login)s. Please hand over the login and the password.") % {"login": made})
            return _back()
    return _form(request, form, _("Add a member"), _("Add"))


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def let_in(request: MemberRequest, pk: int) -> HttpResponse:
    """A new password; a closed account is open again."""
    member, form = _colleague(request, pk), PasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            members.let_in(request.member, member.pk, form.cleaned_data["password"], request.at)
        except DomainError as error:
            form.add_error(FIELDS.get(error.code), str(error))
        else:
            tell(request, _("%(login)s signs in with the new password from now on.") % {"login": member})
            return _back()
    title = _("New password for %(login)s") if member.user.is_active else _("Let %(login)s in again")
    return _form(request, form, title % {"login": member}, _("Set the password"))


@require_POST
@owners_only
def close(request: MemberRequest, pk: int) -> HttpResponse:
    """Signed out at once, and for good until an owner lets in again."""
    return _change(request, pk, members.close, _("%(login)s is signed out and may no longer sign in."))


@require_POST
@owners_only
def appoint(request: MemberRequest, pk: int, role: str) -> HttpResponse:
    """Owner or staff."""
    if role not in members.Role.values:
        raise Http404
    done = _("%(login)s is an owner now.") if role == members.Role.OWNER else _("%(login)s is staff now.")
    return _change(request, pk, lambda by, pk, at: members.appoint(by, pk, role, at), done)


def _change(request: MemberRequest, pk: int, verb: Callable[..., MerchantMember], done: Any) -> HttpResponse:
    try:
        member = verb(request.member, _colleague(request, pk).pk, request.at)
    except DomainError as error:
        tell(request, str(error), "late")
    else:
        tell(request, done % {"login": member})
    return _back()


def _colleague(request: MemberRequest, pk: int) -> MerchantMember:
    rows = MerchantMember.objects.select_related("user").filter(merchant=request.merchant, user__is_staff=False)
    member = rows.filter(pk=pk).first()
    if member is None:
        raise Http404
    return member


def _form(request: MemberRequest, form: Any, title: Any, button: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return page(request, "staff_form", title, section="staff", status=status, form=form, button=button)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:staff"), status=303)
