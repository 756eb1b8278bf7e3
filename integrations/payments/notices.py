"""A notice that is genuine and cannot be understood is kept as such: the provider is asked about what it tells of."""

import logging
from collections.abc import Callable

from integrations.errors import ProviderUnavailable
from integrations.payments import Notice

log = logging.getLogger(__name__)


def understood(notice_id: str, read: Callable[[], Notice]) -> Notice:
    """`read()`, or for one that makes no sense an "unreadable" notice without a fact."""
    try:
        return read()
    except ProviderUnavailable as error:
        log.warning("notice %s makes no sense: %s", notice_id, error.detail)
        return Notice(notice_id, "unreadable", None)
