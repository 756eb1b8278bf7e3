"""Arrears: cases, what was said in them, promises to pay, letters, and what customers ask for in a hard month."""

from arrears.models.cases import CaseNote, CollectionCase
from arrears.models.hardship import HardshipRequest
from arrears.models.letters import DemandLetter
from arrears.models.promises import PaymentPromise

__all__ = ["CaseNote", "CollectionCase", "DemandLetter", "HardshipRequest", "PaymentPromise"]
