"""Who looks at the pages: a test client for each person of the world, whose session a browser may take over."""

from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import make
from tests.pages.page import CUSTOMER, DOORSTEP, NOBODY
from tests.pages.world import World


def client_of(who: str, world: World) -> Client:
    """Signed in as `who`, who clicked a moment ago, as the registry counts queries of a page and not of a sign-in."""
    client = Client()
    if who == DOORSTEP:
        client.post(reverse("storefront:sign_in"), {"phone": make.phone()})
    elif who != NOBODY:
        user = world.people[who]
        client.force_login(user)
        client.get(reverse(HOME[user.kind]))
        if who == CUSTOMER:
            client.post(reverse("storefront:email"), {"email": "another@example.com"})  # and has not entered the code
    return client


HOME = {"CUSTOMER": "storefront:me", "MERCHANT": "portal:board", "OPERATOR": "desk:overview", "AGENT": "desk:rounds"}


def session_of(client: Client) -> str:
    """The session's key, for the cookie of a browser; empty when the client has none."""
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie.value if cookie else ""
