"""Who pays in the browser inside WeChat: its page sends the browser back with a code, and a code is worth an openid.

The page asks nothing of the customer (scope snsapi_base); we learn the number by which WeChat knows him at our app, no
name and no phone. Facts: WeChat's pages on 网页授权; the answer is not signed, so it is taken over TLS only.
"""

from typing import Final
from urllib.parse import urlencode

from integrations import http, keypairs
from integrations.errors import CallRefused, ProviderRefused, ProviderUnavailable
from integrations.wechat import CALLED

SCOPE: Final = "snsapi_base"
FRAGMENT: Final = "wechat_redirect"  # without it WeChat's page does not open
BUSY: Final = frozenset({-1, 45009, 45011})
OURS: Final = frozenset({40001, 40013, 40125, 40164})  # app, secret or address of ours is wrong, not the code
LONGEST: Final = 64


def asked(page: str, app_id: str, return_url: str, state: str) -> str:
    """Where the browser is sent; WeChat insists on this order of the parameters."""
    parts = {
        "appid": app_id,
        "redirect_uri": return_url,
        "response_type": "code",
        "scope": SCOPE,
        "state": state,
    }
    return f"{page}?{urlencode(parts)}#{FRAGMENT}"


def openid(url: str, app_id: str, secret: str, code: str) -> str:
    """The number of the payer; a code works once. ProviderRefused for a code that is spent, old or not WeChat's."""
    parts = {
        "appid": app_id,
        "secret": keypairs.shared_secret(secret),
        "code": code,
        "grant_type": "authorization_code",
    }
    reply = http.request("GET", f"{url}?{urlencode(parts)}", again=False, content=b"", headers=dict, whom=CALLED)
    told = http.json_object(reply)
    _require_good(told.get("errcode", 0), str(told.get("errmsg", "")))
    found = told.get("openid")
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST or not found.isprintable():
        raise ProviderUnavailable("no openid")
    return found


def _require_good(code: object, reason: str) -> None:
    if code == 0:
        return
    if code in BUSY:
        raise ProviderUnavailable(str(code))
    raise (CallRefused if code in OURS else ProviderRefused)(str(code), reason[:200])
