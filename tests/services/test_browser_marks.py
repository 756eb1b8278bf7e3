"""Shared devices by a mark in the browser: one purpose, no fingerprint, forgotten in time (A9, B2; ADR 22)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from accounts.models import BrowserMark, Customer
from accounts.services import behaviour, browser_marks
from core import calendar, jobs
from core.invariants import all_invariants, violations
from credit.services import factors, stops
from orders.services import risks, trust
from sandbox.services import sms
from storefront.views import marks
from tests import make
from tests import risks as rules

pytestmark = pytest.mark.django_db
AT = make.AT
PHONE = "13900002222"


def signs_in(client: Client, phone: str = PHONE) -> Customer:
    with make.moment(AT):
        client.post("/sign-in/", {"phone": phone})
        make.drain(AT)
        page = client.get("/sign-in/code/").content.decode()
        assert "180" in page  # the page names the mark, its purpose and its end before it is set
        assert client.post("/sign-in/code/", {"code": str(sms.latest(phone).params["code"])}).status_code == 303
        return Customer.objects.get(user=client.session["_auth_user_id"])


def test_signing_in_marks_the_browser_and_looking_around_does_not() -> None:
    client = Client()
    with make.moment(AT):
        client.get("/")
        client.get("/devices/")
        client.get("/sign-in/")
    assert marks.COOKIE not in client.cookies
    of = signs_in(client)
    cookie = client.cookies[marks.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["max-age"] == 180 * 24 * 3600
    row = BrowserMark.objects.get()
    assert row.customer == of
    assert row.mark_index not in cookie.value  # what is kept cannot be set as a cookie
    with make.moment(AT):
        assert "180" in client.get("/my/permissions/").content.decode()


def test_two_accounts_at_one_browser_share_it_and_a_forged_mark_is_replaced() -> None:
    browser, other = Client(), Client()
    one = signs_in(browser)
    with make.moment(AT):
        browser.post("/sign-out/")
    two = signs_in(browser, "13900003333")
    assert behaviour.sharing(one, AT).by_browser == {two.pk}
    other.cookies[marks.COOKIE] = browser.cookies[marks.COOKIE].value + "x"
    three = signs_in(other, "13900004444")
    assert behaviour.sharing(three, AT).by_browser == frozenset()


def test_coming_again_keeps_one_row() -> None:
    of = make.signed_up()
    for days in (0, 3):
        browser_marks.seen(of, "m", AT + timedelta(days=days))
    row = BrowserMark.objects.get()
    assert (row.first_at, row.last_at) == (AT, AT + timedelta(days=3))


def test_only_people_in_arrears_or_stopped_count() -> None:
    make.tiers()
    one, two = make.verified(), make.verified()
    for of in (one, two):
        browser_marks.seen(of, "the tablet of a shop", AT)
    assert trust.record(one, AT).devices_shared == 0
    stops.add(two, "BLACKLIST", "owes another merchant", "operator:1", AT)
    found = trust.record(one, AT)
    assert (found.devices_shared, found.shared) == (1, 1)
    assert factors.readings(factors.gather(one, found, AT))["devices_shared"] == 1


def test_the_rule_holds_an_order_from_the_same_browser_and_says_so_to_staff_alone() -> None:
    rules.in_force("KNOWN_DEFAULTERS", 1, 365)
    of, defaulter = make.customer(), make.customer()
    for each in (of, defaulter):
        browser_marks.seen(each, "m", AT)
    stops.add(defaulter, "FRAUD", "sold the device", "operator:1", AT)
    order = make.order("PLACED", of=of)
    make.drain(AT)
    hit = order.risk_hits.get()
    assert hit.facts["by"] == {"phone": 0, "address": 0, "device": 1, "account": 0}
    assert risks.is_held(order)
    assert "browser" not in str(risks.explain_kindly(order))


def test_a_mark_is_forgotten_180_days_after_the_last_sign_in() -> None:
    of, ends = make.signed_up(), AT + timedelta(days=180)
    browser_marks.seen(of, "old", AT)
    browser_marks.seen(of, "new", AT + timedelta(days=1))
    assert browser_marks.erase_due(ends - timedelta(seconds=1)) == 0
    assert browser_marks.erase_due(ends) == 1
    assert BrowserMark.objects.count() == 1


def test_36_a_mark_that_the_last_run_should_have_erased_is_seen() -> None:
    [kept] = [each for each in all_invariants() if each.number == "36"]
    browser_marks.seen(make.signed_up(), "m", AT)
    later = AT + timedelta(days=200)
    with make.moment(later):
        jobs.run_day(calendar.business_date(later), later)
    assert not BrowserMark.objects.exists()
    browser_marks.seen(make.signed_up(), "m", AT)  # planted
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_jobrun WHERE job = 'accounts.retention'")
        assert cursor.fetchone() == (1,)
    assert violations(kept) == 1
