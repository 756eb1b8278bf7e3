"""The pages of customers."""

from typing import Any

from django.apps import apps

from accounts.models import Contact
from accounts.services import contacts
from tests.pages.page import CUSTOMER, DOORSTEP, NOBODY, Arguments, Page, each, number_of, order, plan
from tests.pages.world import World


def _checkout_of(name: str) -> Arguments:
    return lambda world: [world.orders[name].checkout.number]


def _plan_by_day(world: World) -> list[Any]:
    return [apps.get_model("catalog.LeasePlan")._default_manager.get(state="PUBLISHED", most_days__gt=0).pk]


def _guarantee(world: World) -> list[Any]:
    return [contacts.link(Contact.objects.get(order_number=world.number("HELD"), kind="GUARANTOR"))]


STOREFRONT = [
    Page("storefront:home", NOBODY, 20),
    Page("storefront:home", CUSTOMER, 25, variant="renting"),
    Page("storefront:home", "newcomer", 20, variant="new"),
    Page("storefront:devices", NOBODY, 20),
    Page("storefront:devices", NOBODY, 20, query="?q=zzzz", variant="nothing found"),
    Page("storefront:device", NOBODY, 20, plan),
    Page("storefront:device", CUSTOMER, 20, plan, query="?months=12", variant="renting"),
    Page("storefront:device", NOBODY, 20, _plan_by_day, variant="by the day"),
    Page("storefront:sign_in", NOBODY, 20),
    Page("storefront:sign_in_code", DOORSTEP, 20),
    Page("storefront:sign_in_mail", NOBODY, 20),
    Page("storefront:sign_in_mail_code", DOORSTEP, 20),
    Page("storefront:me", CUSTOMER, 20),
    Page("storefront:me", "newcomer", 20, variant="new"),
    Page("storefront:messages", CUSTOMER, 20),
    Page("storefront:messages", "newcomer", 20, variant="none"),
    Page("storefront:permissions", CUSTOMER, 20),
    Page("storefront:tokens", CUSTOMER, 20),
    Page("storefront:tokens", "newcomer", 20, variant="none"),
    Page("storefront:addresses", CUSTOMER, 20),
    Page("storefront:addresses", "newcomer", 20, variant="none"),
    Page("storefront:address_add", CUSTOMER, 20),
    Page("storefront:email", CUSTOMER, 20, variant="proved"),
    Page("storefront:email", "newcomer", 20),
    Page("storefront:email_code", CUSTOMER, 20),
    Page("storefront:identity", CUSTOMER, 20, variant="proved"),
    Page("storefront:identity", "newcomer", 20),
    Page("storefront:identity", "waiting", 20, variant="waiting", waits=True),
    Page("storefront:identity", "mistaken", 20, variant="refused"),
    Page("storefront:credit", CUSTOMER, 20),
    Page("storefront:credit", "newcomer", 20, variant="new"),
    Page("storefront:credit", "proved", 20, variant="proved"),
    Page("storefront:credit", "poor", 20, variant="refused"),
    Page("storefront:credit", "scoreless", 20, variant="no score"),
    Page("storefront:quota", CUSTOMER, 20),
    Page("storefront:quota", "newcomer", 20, variant="none"),
    Page("storefront:leases", CUSTOMER, 20),
    Page("storefront:leases", "newcomer", 20, variant="none"),
    Page("storefront:checkout", CUSTOMER, 20, plan),
    Page("storefront:address", CUSTOMER, 20, plan),
    Page("storefront:basket", CUSTOMER, 20, query="?line={plan}.12&line={plan}.6"),
    Page("storefront:basket", NOBODY, 20, query="?line=", variant="empty"),
    Page("storefront:basket_address", CUSTOMER, 20),
    Page("storefront:verify", NOBODY, 20),
    Page("storefront:verify", CUSTOMER, 20, variant="signed in"),
    Page("storefront:placed", CUSTOMER, 20, _checkout_of("APPROVED"), is_own=True),
    *order("storefront:order", CUSTOMER, 20, "APPROVED SIGNED PAID SHIPPED ACTIVE INSPECTING COMPLETED CANCELLED LATE"),
    *order("storefront:order", CUSTOMER, 22, "RETURNING SETTLING"),
    *order("storefront:order", "referred", 20, "REFERRED"),
    *order("storefront:order", "refused", 20, "REFUSED"),
    *order("storefront:order_inspection", CUSTOMER, 20, "CLAIMED DISPUTED SETTLING COMPLETED"),
    *order("storefront:agreement", CUSTOMER, 20, "APPROVED ACTIVE"),
    *order("storefront:agreement_sign", CUSTOMER, 20, "APPROVED"),
    *order("storefront:bills_pay", CUSTOMER, 20, "ACTIVE LATE"),
    *order("storefront:order_pay", CUSTOMER, 20, "SIGNED"),
    Page("storefront:order_paid", CUSTOMER, 20, number_of("SIGNED", ()), is_own=True, waits=True),
    *order("storefront:order_step", CUSTOMER, 20, "SIGNED", "cancel"),
    *each("storefront:order_step", CUSTOMER, "SHIPPED", "confirm", "defect"),
    *order("storefront:order_address", CUSTOMER, 20, "SIGNED SHIPPED"),
    *order("storefront:order_photos", CUSTOMER, 20, "SHIPPED ACTIVE"),
    *each("storefront:order_step", CUSTOMER, "ACTIVE", "buy", "return-early"),
    *order("storefront:swap", CUSTOMER, 25, "ACTIVE"),
    *each("storefront:order_step", "other", "OPENED", "hand-over", "withdraw"),
    *order("storefront:lease", CUSTOMER, 21, "ACTIVE LATE COMPLETED"),
    Page("storefront:lease", CUSTOMER, 21, number_of("ACTIVE", ()), query="?on={ahead}", variant="ahead", is_own=True),
    *order("storefront:lease", "faulty", 23, "FAULT_TOLD FAULT_AT_DESK FAULT_ACCEPTED FAULT_LOST FAULT_BACK"),
    *order("storefront:lease", "faulty", 26, "FOUND"),
    *order("storefront:order_photos", "faulty", 20, "FAULT_TOLD"),
    *order("storefront:order_label", "faulty", 20, "FAULT_ACCEPTED FOUND"),
    *order("storefront:order_label", "other", 20, "OPENED"),
    *order("storefront:order_step", "faulty", 20, "FAULT_ACCEPTED", "fault-send"),
    *order("storefront:order_step", CUSTOMER, 20, "ACTIVE", "fault"),
    *order("storefront:order", "faulty", 20, "FAULT_BACK"),
    *order("storefront:lease", "renewing", 22, "LAST_WEEKS RENEWING"),
    *order("storefront:renewal", "renewing", 20, "LAST_WEEKS RENEWING"),
    *order("storefront:order_step", "renewing", 20, "RENEWING", "do-not-renew"),
    *order("storefront:lease", "planned", 22, "PLANNED"),
    *order("storefront:lease", "mourned", 22, "MOURNED"),
    *order("storefront:extension", "planned", 20, "PLANNED"),
    *order("storefront:extension", CUSTOMER, 20, "LATE"),
    *order("storefront:order_step", "planned", 20, "PLANNED", "refuse-extension"),
    *order("storefront:choice", "lettered", 24, "LETTERED"),
    *order("storefront:choice", CUSTOMER, 20, "LATE"),
    *order("storefront:lease", "lettered", 26, "LETTERED"),
    *order("storefront:order", "received", 20, "RECEIVED"),
    *order("storefront:opinion", "received", 20, "RECEIVED"),
    *(Page("storefront:balance", who, 20, variant=variant) for who, variant in ((CUSTOMER, ""), ("newcomer", "none"))),
    *order("storefront:bill_part", CUSTOMER, 20, "LATE", 3),
    *order("storefront:autopay", CUSTOMER, 20, "ACTIVE LATE COMPLETED"),
    *order("storefront:hardship", CUSTOMER, 20, "ACTIVE LATE"),
    *order("storefront:bill", CUSTOMER, 20, "ACTIVE", 1),
    *each("storefront:bill", CUSTOMER, "LATE", 2, 9),
    *(page for who in ("held", "visited", "looked") for page in order("storefront:order", who, 20, who.upper())),
    *order("storefront:order", "asked", 20, "ASKED BY_RULE"),
    *order("storefront:order_step", "asked", 20, "BY_RULE", "ask-a-person"),
    *order("storefront:order_contact", "held", 20, "HELD"),
    *order("storefront:order_guarantor", "held", 20, "HELD"),
    *order("storefront:order_documents", "held", 20, "HELD"),
    *order("storefront:order_visit", "held", 20, "HELD"),
    *order("storefront:order_visit", "visited", 20, "VISITED"),
    *order("storefront:visit_act", "held", 20, "HELD", "move"),
    *order("storefront:visit_act", "held", 20, "HELD", "decline"),
    *order("storefront:visit_act", "held", 20, "HELD", "complain"),
    *order("storefront:visit_act", "visited", 20, "VISITED", "rate"),
    Page("storefront:guarantee", NOBODY, 20, _guarantee),
    Page("storefront:offline", NOBODY, 0),
    Page("storefront:payment", CUSTOMER, 40, lambda world: [world.open_payment.number], is_own=True, waits=True),
]
