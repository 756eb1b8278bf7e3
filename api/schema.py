"""What docs/api.yaml says of each address, beyond its shapes. `manage.py api_schema` writes it."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiRequest, OpenApiResponse, extend_schema

from api import shapes
from api.problems import MEDIA_TYPE
from orders.models import State

WHY = {
    400: "The body or the address is malformed, or the Idempotency-Key is missing.",
    401: "No token, or one that opens nothing.",
    404: "No such order of yours, or no such step.",
    409: "The domain refuses the step now, or the same key is being answered.",
    413: "The body is too large.",
    415: "The body is no JSON.",
    422: "Fields are wrong, or the key was used for something else.",
    429: "Too many requests with this token.",
}
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Bearer(OpenApiAuthenticationExtension):
    target_class = "api.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


def only_versioned(endpoints: list[Any]) -> list[Any]:
    """Notices of providers and the like are no part of it, nor is the answer of addresses that there are not."""
    return [each for each in endpoints if each[0].startswith("/api/v1/") and each[3].__name__ != "nothing"]


def _problems(*statuses: int) -> dict[Any, OpenApiResponse]:
    return {(status, MEDIA_TYPE): OpenApiResponse(shapes.ProblemShape, WHY[status]) for status in statuses}


LANGUAGE = OpenApiParameter("Accept-Language", str, OpenApiParameter.HEADER, description="zh-hans (default) or en.")
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True,
    description="8 to 80 letters, digits or . _ : - The same key and body give the stored answer.",
)  # fmt: skip
lists_orders: Decorator = extend_schema(
    operation_id="list_orders",
    parameters=[
        LANGUAGE,
        OpenApiParameter("state", str, enum=State.values),
        OpenApiParameter("before", int, description="From `next` of the page before."),
    ],
    responses={200: shapes.OrderList, **_problems(400, 401, 429)},
)
shows_order: Decorator = extend_schema(
    operation_id="show_order",
    parameters=[LANGUAGE],
    responses={200: shapes.OrderShape, **_problems(400, 401, 404, 429)},
)
takes_step: Decorator = extend_schema(
    operation_id="take_step",
    parameters=[LANGUAGE, KEY],
    request=OpenApiRequest({"type": "object", "description": "The step's fields by name; {} where it asks none."}),
    responses={200: shapes.Taken, **_problems(400, 401, 404, 409, 413, 415, 422, 429)},
)
