"""The REST API: how DRF, knox and drf-spectacular are set up. There is no way in but a token in the header (ADR 39)."""

from typing import Any

TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105 - a model's name
KNOX: dict[str, Any] = {"TOKEN_TTL": None, "TOKEN_PREFIX": "xz_", "AUTH_HEADER_PREFIX": "Bearer"}
FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["api.tokens.PerToken"],
    "DEFAULT_PARSER_CLASSES": ["api.bodies.StrictJson"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.problems.answer",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR: dict[str, Any] = {
    "TITLE": "Xinzu",
    "DESCRIPTION": "Orders of one customer or one merchant: read them, and take the steps that their pages offer.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PREPROCESSING_HOOKS": ["api.schema.only_versioned"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "OrderState": "api.shapes.ORDER_STATES",
        "LeaseState": "api.shapes.LEASE_STATES",
        "DepositState": "api.shapes.DEPOSIT_STATES",
    },
}
