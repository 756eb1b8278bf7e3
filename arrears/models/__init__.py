"""Arrears: cases, what was said in them, promises to pay, and what customers ask for in a hard month."""

from arrears.models.cases import CaseNote, CollectionCase
from arrears.models.hardship import HardshipRequest
from arrears.models.promises import PaymentPromise

__all__ = ["CaseNote", "CollectionCase", "HardshipRequest", "PaymentPromise"]
