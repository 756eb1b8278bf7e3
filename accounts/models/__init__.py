"""The people: who signs in, who they proved to be, what they agreed to, and what a review asked them for."""

from accounts.models.evidence import Contact, Document, PersonKey
from accounts.models.factors import RecoveryCode, SecondFactor
from accounts.models.marks import BrowserMark
from accounts.models.people import (
    Address,
    Consent,
    Customer,
    IdentityVerification,
    Merchant,
    MerchantMember,
    OneTimeCode,
    User,
    UserManager,
)
from accounts.models.standstills import Standstill
from accounts.models.tokens import ApiToken

__all__ = [
    "Address",
    "ApiToken",
    "BrowserMark",
    "Consent",
    "Contact",
    "Customer",
    "Document",
    "IdentityVerification",
    "Merchant",
    "MerchantMember",
    "OneTimeCode",
    "PersonKey",
    "RecoveryCode",
    "SecondFactor",
    "Standstill",
    "User",
    "UserManager",
]
