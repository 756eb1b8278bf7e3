"""How views answer: a page, a form with what the domain refused, a message and a redirect."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.functional import Promise

from core.errors import DomainError
from notices.services import inbox
from storefront.views import chosen

Text = str | Promise


def page(request: HttpRequest, name: str, title: Text, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page of the storefront. `tab` marks the section; with `back` the bar of a phone shows title and way back.

    `unread` is how many messages wait for the person who is signed in: the bell carries a dot. `listed` is how many
    devices are to be ordered together.
    """
    shown = {
        "title": title,
        "bar_title": title if context.get("back") else "",
        "tab": "home",
        "unread": inbox.unread(request.user) if request.user.is_authenticated else 0,
        "listed": len(chosen.listed(request)),
        **context,
    }
    return render(request, f"storefront/{name}.html", shown, status=status)


def go(to: str, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
    """After a POST: 303, so that a reload repeats nothing."""
    return HttpResponseRedirect(resolve_url(f"storefront:{to}", *args, **kwargs), status=303)


def leave(address: str) -> HttpResponseRedirect:
    """To a provider's page."""
    return HttpResponseRedirect(address, status=303)


def tell(request: HttpRequest, text: Text, tone: str = "ok") -> None:
    """A line on the next page: ok, wait or late."""
    messages.add_message(request, messages.INFO, str(text), extra_tags=tone)


def tell_refusal(request: HttpRequest, error: DomainError) -> None:
    tell(request, str(error), "late")


def address(name: str, query: dict[str, str], *args: Any) -> str:
    return f"{resolve_url(name, *args)}?{urlencode(query)}"
