"""The ledger at the desk: the trial balance of a day down to every posting, and one customer or merchant in it."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import Customer, Merchant
from billing.models import LedgerAccount, Posting
from billing.rules.postings import Kind
from billing.services import journal, settlements
from core import clock, paging, spreadsheets
from desk import exports, trial
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page
from orders.services import merits

LAST = 12


@require_safe
@operators_only
def ledger(request: OperatorRequest) -> HttpResponse:
    """Every account at the end of a day; debits and credits are equal."""
    on = _day(request)
    return page(request, "ledger", _("Ledger"), section="ledger", on=on, trial=trial.balance(on))


@require_safe
@operators_only
def export(request: OperatorRequest) -> HttpResponseBase:
    """The trial balance as a table for a spreadsheet."""
    on = _day(request)
    return spreadsheets.answer(exports.trial_balance(on), f"xinzu-ledger-{on:%Y%m%d}.csv")


@require_safe
@operators_only
def kind(request: OperatorRequest, name: str) -> HttpResponse:
    """The entries of one kind of account, newest first."""
    account, on = _account(request, name), _day(request)
    found = paging.page(journal.entries(Kind(account.kind), account.channel, on), request.GET.get("before", ""))
    query = request.GET.copy()
    query.pop("before", None)
    return page(
        request, "ledger_kind", account.get_kind_display(), section="ledger", account=account, kind=name, on=on,
        entries=found.rows, next=found.next, query=query.urlencode(),
    )  # fmt: skip


@require_safe
@operators_only
def kind_export(request: OperatorRequest, name: str) -> HttpResponseBase:
    """The same entries as a table for a spreadsheet, all of them."""
    account, on = _account(request, name), _day(request)
    rows = journal.entries(Kind(account.kind), account.channel, on)
    return spreadsheets.answer(exports.entries(rows), f"xinzu-{name}-{on:%Y%m%d}.csv")


@require_safe
@operators_only
def posting(request: OperatorRequest, pk: int) -> HttpResponse:
    """One event of money with its entries."""
    found = get_object_or_404(Posting, pk=pk)
    entries = list(journal.entries_in(found))
    return page(request, "posting", _("Posting"), section="ledger", posting=found, entries=entries)


@require_safe
@operators_only
def customer(request: OperatorRequest, number: str) -> HttpResponse:
    """What a customer owes, has to his credit and what is held for him, with the entries behind it."""
    found = get_object_or_404(Customer, number=number)
    standings = journal.of_customer(found)
    entries = paging.page(journal.entries_of(standings), request.GET.get("before", ""))
    return page(
        request, "ledger_owner", found.number, section="ledger", customer=found, entries=entries.rows,
        next=entries.next, rows=[trial.row(one) for one in standings],
    )  # fmt: skip


@require_safe
@operators_only
def merchant(request: OperatorRequest, pk: int) -> HttpResponse:
    """What is payable to a merchant, his statements, and the entries behind it."""
    found = get_object_or_404(Merchant, pk=pk)
    standings = journal.of_merchant(found)
    entries = paging.page(journal.entries_of(standings), request.GET.get("before", ""))
    return page(
        request, "ledger_owner", found.name, section="ledger", merchant=found, entries=entries.rows,
        next=entries.next, rows=[trial.row(one) for one in standings],
        statements=settlements.of_merchant(found).order_by("-month")[:LAST], merits=merits.of(found, clock.now()),
    )  # fmt: skip


def _day(request: HttpRequest) -> date:
    """The day asked for; today for anything that is no date."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return clock.today()


def _account(request: HttpRequest, name: str) -> LedgerAccount:
    """The kind in the address, with its channel; it need not have been used yet."""
    if name.upper() not in set(Kind):
        raise Http404
    return LedgerAccount(kind=Kind(name.upper()), channel=request.GET.get("channel", "")[:20].replace("\0", ""))
