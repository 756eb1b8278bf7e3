"""An order held by a demanded visit and a contact, walked by four people; a stranger finds none of it."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Contact
from core import calendar, clock, invariants
from core.models import Event
from credit.models import Demand
from orders.models import Order
from rental.demo import cast
from tests.journeys.people import CustomerAtPhone, enter_desk, main_button, press, until
from visits.models import Visit

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def ask(desk: Page, site: str, order: Order, kind: str, *papers: str) -> None:
    desk.goto(f"{site}/desk/orders/{order.number}/")
    press(desk.locator(f"a[href='/desk/orders/{order.number}/demand/']").first)
    desk.select_option("[name=kind]", kind)
    desk.fill("[name=grounds]", "收货地址与登记地址不同")
    for paper in papers:
        desk.check(f"[name={kind}_{paper}]")
    press(desk.locator("main form button").first)
    expect(desk).to_have_url(f"{site}/desk/orders/{order.number}/")


def test_a_visit_and_a_contact_hold_an_order_until_both_are_there(site: str, new_context: Any) -> None:
    customer = CustomerAtPhone(new_context(viewport=PHONE, locale="zh-CN").new_page(), site, cast.PEOPLE[2])
    customer.sign_in()
    customer.prove_identity()
    customer.authorise_score()
    order = customer.order("mini-4", 3)
    clock.move(calendar.instant(calendar.business_date(clock.now()) + timedelta(days=1), 10) - clock.now())
    desk = enter_desk(new_context(viewport=DESK).new_page(), site, "operator")
    ask(desk, site, order, "CONTACT")
    ask(desk, site, order, "VISIT", "RESIDENCE")
    assert desk.locator(f"a[href='/desk/orders/{order.number}/approve/']").count() == 0

    customer.go(f"/orders/{order.number}/")
    expect(customer.page.locator("main")).to_contain_text("我们需要你提供")
    press(customer.page.locator(f"a[href='/orders/{order.number}/contact/']").first)
    customer.page.fill("input[name=name]", "林建国")
    customer.page.fill("input[name=phone]", "13700009999")
    customer.page.check("input[name=consent]")
    press(main_button(customer.page))
    expect(customer.page.locator("main")).to_contain_text("137****9999")
    customer.check_width()

    visit = Visit.objects.get()
    starts_at = _arrange(desk, site, visit)
    customer.go(f"/orders/{order.number}/visit/")
    press(main_button(customer.page))
    expect(customer.page.locator("main")).to_contain_text("已约定时间")
    customer.check_width()

    _nobody_else_finds_it(new_context, site, order, visit)
    clock.move(starts_at - clock.now())
    _report(enter_desk(new_context(viewport=PHONE).new_page(), site, "agent-wang"), site, visit)
    until(lambda: Demand.objects.get(kind="VISIT").state == "MET", "the report")

    desk = enter_desk(new_context(viewport=DESK).new_page(), site, "operator")
    _look_at_the_contact(desk, site)
    desk.goto(f"{site}/desk/orders/{order.number}/approve/")
    press(desk.locator("main form button.primary").first)
    customer.reach(order, "APPROVED")
    customer.go(f"/orders/{order.number}/visit/rate/")
    customer.page.select_option("[name=stars]", "5")
    press(main_button(customer.page))
    assert Visit.objects.get().stars == 5
    customer.sign(order)
    assert {i.name: invariants.violations(i) for i in invariants.all_invariants() if invariants.violations(i)} == {}


def _arrange(desk: Page, site: str, visit: Visit) -> Any:
    starts_at = calendar.instant(calendar.business_date(clock.now()), 15)
    desk.goto(f"{site}/desk/visits/{visit.number}/")
    desk.select_option("[name=agent]", index=1)  # by badge: 王海
    press(desk.locator("#main form[action$='/assign/'] button"))
    desk.fill("[name=first]", f"{starts_at.astimezone(calendar.SHANGHAI):%Y-%m-%dT%H:%M}")
    press(desk.locator("#main form[action$='/propose/'] button"))
    until(lambda: Visit.objects.get().state == "PROPOSED", "the proposal")
    return starts_at


def _report(agent: Page, site: str, visit: Visit) -> None:
    expect(agent).to_have_url(f"{site}/desk/rounds/")
    press(agent.locator(f"a[href='/desk/rounds/{visit.number}/']").first)
    expect(agent.locator("main")).to_contain_text("科苑路 15 号")
    wide = agent.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    for name in ("paper_ID_CARD", "paper_RESIDENCE"):
        agent.select_option(f"[name={name}]", "MATCHES")
    for name in ("met", "lives_there"):
        agent.select_option(f"[name={name}]", "1")
    press(agent.locator("main form button.primary"))
    expect(agent).to_have_url(f"{site}/desk/rounds/")
    answer = agent.goto(f"{site}/desk/rounds/{visit.number}/")
    assert answer is not None
    assert answer.status == 404  # over, so gone


def _look_at_the_contact(desk: Page, site: str) -> None:
    contact = Contact.objects.get()
    desk.goto(f"{site}/desk/contacts/{contact.pk}/")
    press(desk.locator("form[action*='/open/'] button"))
    expect(desk.locator("main")).to_contain_text("13700009999")
    desk.goto(f"{site}/desk/contacts/{contact.pk}/")
    press(desk.locator("main form button.primary"))
    until(lambda: Demand.objects.get(kind="CONTACT").state == "MET", "the verdict")
    assert Event.objects.filter(kind="unsealed", subject_type="accounts.contact").count() == 2


def _nobody_else_finds_it(new_context: Any, site: str, order: Order, visit: Visit) -> None:
    stranger = CustomerAtPhone(new_context(viewport=PHONE, locale="zh-CN").new_page(), site, cast.PEOPLE[0])
    stranger.sign_in()
    other_agent = enter_desk(new_context(viewport=PHONE).new_page(), site, "agent-li")
    base = f"{site}/orders/{order.number}/"
    for path in (base, f"{base}contact/", f"{base}visit/", f"{site}/desk/rounds/{visit.number}/", f"{site}/desk/"):
        assert stranger.page.request.get(path).status == 404, path
    for path in (f"{site}/desk/rounds/{visit.number}/", f"{site}/desk/visits/{visit.number}/", f"{site}/desk/", base):
        assert other_agent.request.get(path).status == 404, path
