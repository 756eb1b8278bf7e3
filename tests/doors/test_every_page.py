"""What holds for every page of every face, seen without a browser: who finds it, what it weighs, asks and says."""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from accounts.models import User
from orders import actions
from orders.models import Order
from tests import make, walks
from tests.machines import Machine
from tests.pages import reading, registry, routes, visitors, world
from tests.pages.page import CUSTOMER, DOORSTEP, MERCHANT, NOBODY, OPERATOR, Page
from tests.pages.world import World

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)  # Tuesday 10:00 in Shanghai
BUDGET = 100_000  # bytes of a page with its style sheet, scripts and fonts, gzipped
LINKED = re.compile(r'<(?:link|script)[^>]*?(?:href|src)="(/[^"]+\.(?:css|js|svg|webmanifest))"')
FONT = re.compile(r'url\("?(/[^)"]+\.woff2)"?\)')
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*src=)|\son[a-z]+=|javascript:", re.IGNORECASE)
STRANGERS = {CUSTOMER: "newcomer", MERCHANT: "other merchant"}
GIVEN = {
    "step": "stop",
    "number": "X1",
    "bill_number": 1,
    "message_id": 1,
    "address_id": 1,
    "pk": 1,
    "version": 1,
    "role": "owner",
    "channel": "alipay",
    "provider": "kuaidi100",
    "document_id": 1,
    "time_id": 1,
    "token": "x",
    "verb": "assign",
    "secret": "x",
    "capability": "payments",
    "name": "alipay",
}  # what acts by GET never looks for it
BESIDE = {"photos", "agreement"}  # their pages stand among the papers of an order, too
SECOND = dict.fromkeys(("second_factor", "second_factor_connect"), (CUSTOMER,))
OTHERS = {**SECOND, "storefront": (MERCHANT, OPERATOR), "portal": (CUSTOMER, OPERATOR), "desk": (CUSTOMER, MERCHANT)}
each_page = pytest.mark.parametrize("entry", registry.PAGES, ids=lambda entry: entry.name)


class Visits:
    """Everybody's clients, and each page as it was answered, once per language."""

    def __init__(self, made: World) -> None:
        self.world = made
        self._clients: dict[str, Client] = {}
        self._seen: dict[tuple[str, str], Any] = {}

    def client(self, who: str) -> Client:
        if who not in self._clients:
            with make.moment(NOW):
                self._clients[who] = visitors.client_of(who, self.world)
        return self._clients[who]

    def by(self, who: str, page: Page, language: str = "zh-hans") -> Any:
        """The answer that `who` gets, with the `queries` that it took."""
        client = self.client(who)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        with make.moment(NOW), CaptureQueriesContext(connection) as asked:
            answer = client.get(page.address(self.world))
        answer.queries = len(asked)  # type: ignore[attr-defined]
        return answer

    def of(self, page: Page, language: str = "zh-hans") -> Any:
        """The page as the one sees it whom it is made for."""
        key = page.name, language
        if key not in self._seen:
            self._seen[key] = self.by(page.who, page, language)
        return self._seen[key]


@pytest.fixture(scope="module")
def visits(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Visits]:
    with walks.kept(django_db_blocker), override_settings(DEMO=True):
        found = Visits(world.build(NOW))
        for page in registry.PAGES:
            found.client(page.who)
        yield found


@pytest.fixture(scope="module")
def own_words(visits: Visits) -> list[str]:
    return reading.own_words()


def test_the_registry_knows_every_route() -> None:
    known = {page.route for page in registry.PAGES} | routes.POSTS | routes.NO_PAGES
    assert set(registry.routes()) == known


def test_every_face_draws_the_buttons_of_the_one_table_and_no_others(visits: Visits) -> None:
    """Customer, merchant, desk and admin, for every order of the world: each state, fault and way out."""
    wrong = []
    for name, order in visits.world.orders.items():
        for face, client, base, address in faces_of(order, visits):
            with make.moment(NOW):
                offered = {one.name for one in actions.offered(face, Order.objects.get(pk=order.pk), NOW)}
                page = client.get(address, follow=True).content.decode()
            known = {row.name for row in actions.ACTIONS if row.face == face}
            drawn = set(re.findall(rf'href="{base}([a-z-]+)/"', page)) & known
            if drawn - BESIDE != offered - BESIDE:
                wrong.append(f"{name} {address} beyond: {sorted(drawn - offered)} missing: {sorted(offered - drawn)}")
    assert not wrong, "\n".join(wrong)


def test_the_api_offers_the_rows_of_the_one_table_and_no_others(visits: Visits) -> None:
    """The fifth face, for customer and merchant, of every order of the world."""
    machines = {user: Machine(user, NOW) for user in {*_customers(visits), *_merchants(visits)}}
    wrong = []
    for name, order in visits.world.orders.items():
        for face, user in ((actions.CUSTOMER, order.customer.user), (actions.MERCHANT, _seller(order, visits))):
            with make.moment(NOW):
                offered = [one.name for one in actions.offered(face, Order.objects.get(pk=order.pk), NOW)]
            told = [each["name"] for each in machines[user].order(order)["actions"]]
            if told != offered:
                wrong.append(f"{name} {face}: {told} and not {offered}")
    assert not wrong, "\n".join(wrong)


def _customers(visits: Visits) -> list[User]:
    return [order.customer.user for order in visits.world.orders.values()]


def _merchants(visits: Visits) -> list[User]:
    return [visits.world.people[who] for who in (MERCHANT, STRANGERS[MERCHANT])]


def _seller(order: Order, visits: Visits) -> User:
    is_own = order.merchant == visits.world.orders["ACTIVE"].merchant
    return visits.world.people[MERCHANT if is_own else STRANGERS[MERCHANT]]


def faces_of(order: Order, visits: Visits) -> list[tuple[str, Client, str, str]]:
    """Each page with buttons of an order: face, who looks, how the addresses of its steps begin, its own address."""
    own, number = Client(), order.number
    own.force_login(order.customer.user)
    is_own = order.merchant == visits.world.orders["ACTIVE"].merchant
    seller, operator = visits.client(MERCHANT if is_own else STRANGERS[MERCHANT]), visits.client(OPERATOR)
    admin = f"/admin/orders/order/{order.pk}/"
    return [
        (actions.CUSTOMER, own, f"/orders/{number}/", f"/orders/{number}/"),
        (actions.CUSTOMER, own, f"/orders/{number}/", f"/leases/{number}/"),
        (actions.MERCHANT, seller, f"/portal/orders/{number}/", f"/portal/orders/{number}/"),
        (actions.OPERATOR, operator, f"/desk/orders/{number}/", f"/desk/orders/{number}/"),
        (actions.OPERATOR, operator, f"{admin}act/", f"{admin}change/"),
    ]


def test_no_two_pages_share_a_name() -> None:
    names = [page.name for page in registry.PAGES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("route", sorted(routes.POSTS))
def test_what_acts_takes_no_get(route: str, visits: Visits) -> None:
    who = {"portal": MERCHANT, "desk": OPERATOR}.get(registry.face(route), CUSTOMER)
    address = reverse(route, kwargs={name: GIVEN[name] for name in registry.parameters(route)})
    with make.moment(NOW):
        assert visits.client(who).get(address).status_code == 405


@each_page
def test_the_one_it_is_made_for_sees_it(entry: Page, visits: Visits) -> None:
    assert visits.of(entry).status_code == 200


@each_page
def test_visitors_sign_in_first_where_it_is_somebodys(entry: Page, visits: Visits) -> None:
    answer = visits.by(NOBODY, entry)
    if entry.is_open:
        assert answer.status_code == 200
    elif entry.who == DOORSTEP:
        assert answer["Location"].startswith("/sign-in/")
    else:
        desk = dict.fromkeys(("desk", *SECOND), "/desk/sign-in/?next=")
        doors = {"portal": "/portal/sign-in/?next=", **desk}
        assert answer.status_code == 302
        assert answer["Location"].startswith(doors.get(registry.face(entry.route), "/sign-in/?next="))


@each_page
def test_strangers_and_other_roles_do_not_find_it(entry: Page, visits: Visits) -> None:
    if entry.is_open or entry.who == DOORSTEP:
        return
    found = {who: visits.by(who, entry).status_code for who in OTHERS[registry.face(entry.route)]}
    if entry.is_own:
        stranger = STRANGERS[MERCHANT if entry.route.startswith("portal") else CUSTOMER]
        found[stranger] = visits.by(stranger, entry).status_code
    assert set(found.values()) <= {404}, found


@pytest.mark.parametrize("entry", registry.ADMIN[1:], ids=lambda entry: entry.name)
def test_the_admin_opens_to_operators_only(entry: Page, visits: Visits) -> None:
    answer = visits.of(entry)
    assert answer.status_code == 200
    assert answer.queries <= entry.queries
    assert {"private", "no-store"} <= {word.strip() for word in answer.headers["Cache-Control"].split(",")}
    for who in (NOBODY, CUSTOMER, MERCHANT):
        refused = visits.by(who, entry)
        assert refused.status_code in (302, 403, 404), who


@each_page
def test_it_asks_the_database_no_more_than_the_registry_says(entry: Page, visits: Visits) -> None:
    assert visits.of(entry).queries <= entry.queries


@each_page
def test_it_keeps_the_strict_content_policy(entry: Page, visits: Visits) -> None:
    answer = visits.of(entry)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not INLINE.findall(answer.content.decode())


@each_page
def test_what_is_personal_is_kept_by_no_cache(entry: Page, visits: Visits) -> None:
    if entry.who != NOBODY:
        told = {word.strip() for word in visits.of(entry).headers.get("Cache-Control", "").split(",")}
        assert {"private", "no-store"} <= told


@each_page
def test_it_has_a_heading_a_language_and_a_way_to_the_other_one(entry: Page, visits: Visits) -> None:
    for language, code in (("zh-hans", "zh-Hans"), ("en", "en")):
        html = visits.of(entry, language).content.decode()
        read = reading.read(html)
        assert read.language == code
        assert read.count.get("h1") == 1
        assert read.count.get("main") == 1
        assert 'action="/language/"' in html or entry.route == "storefront:offline"  # it speaks both at once
        assert 'href="#main"' in html


@each_page
def test_it_is_light(entry: Page, visits: Visits) -> None:
    assert _weight(visits.of(entry).content.decode(), visits.client(NOBODY)) <= BUDGET


@each_page
def test_it_speaks_english_to_the_english(entry: Page, visits: Visits, own_words: list[str]) -> None:
    assert reading.chinese_in_english(visits.of(entry, "en").content.decode(), own_words) == []


@each_page
def test_it_speaks_chinese_to_the_chinese(entry: Page, visits: Visits) -> None:
    if entry.route == "styleguide":
        return  # it names drawings by their files
    assert reading.english_in_chinese(visits.of(entry).content.decode()) == []


def _weight(html: str, client: Client) -> int:
    """Gzipped bytes of the page and of every file it links to; fonts, which the style sheet names, as they are."""
    files = {address: _content(client, address) for address in set(LINKED.findall(html))}
    fonts = {
        font for address, file in files.items() if address.endswith(".css") for font in FONT.findall(file.decode())
    }
    return sum(len(gzip.compress(file)) for file in (html.encode(), *files.values())) + sum(
        len(_content(client, font)) for font in fonts
    )


@cache
def _content(client: Client, address: str) -> bytes:
    if address.startswith(settings.STATIC_URL):
        found = finders.find(address.removeprefix(settings.STATIC_URL))
        assert found, address
        return Path(found).read_bytes()
    answer = client.get(address)
    assert answer.status_code == 200, address
    return bytes(answer.content)
