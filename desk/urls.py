"""The operators' door: /desk/. Configuration lives in the admin, work lives here (house.md)."""

from django.urls import path

from desk.views import (
    clock,
    customers,
    ledger,
    orders,
    overview,
    payouts,
    reconciliation,
    refunds,
    second_person,
    sign_in,
)

app_name = "desk"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("oldest/", overview.oldest, name="oldest"),
    path("export.csv", overview.export, name="export"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("queues/<slug:name>/", overview.queue, name="queue"),
    path("customers/", customers.customers, name="customers"),
    path("customers/<slug:number>/", customers.customer, name="customer"),
    path("customers/<slug:number>/reveal/", customers.reveal, name="reveal"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<slug:number>/", orders.order, name="order"),
    path("orders/<slug:number>/agreement.pdf", orders.agreement, name="agreement_pdf"),
    path("orders/<slug:number>/<slug:name>/", orders.act, name="act"),
    path("reconciliation/", reconciliation.days, name="reconciliation"),
    path("reconciliation/<slug:channel>/<slug:day>/", reconciliation.day, name="reconciled_day"),
    path("differences/<int:pk>/", reconciliation.difference, name="difference"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/export.csv", ledger.export, name="ledger_export"),
    path("ledger/kinds/<slug:name>/", ledger.kind, name="ledger_kind"),
    path("ledger/kinds/<slug:name>/export.csv", ledger.kind_export, name="ledger_kind_export"),
    path("ledger/postings/<int:pk>/", ledger.posting, name="posting"),
    path("ledger/customers/<slug:number>/", ledger.customer, name="ledger_customer"),
    path("ledger/merchants/<int:pk>/", ledger.merchant, name="ledger_merchant"),
    path("payouts/<slug:number>/", payouts.payout, name="payout"),
    path("payments/<slug:number>/refund/", refunds.refund, name="refund"),
    path("second-person/<int:pk>/", second_person.approval, name="approval"),
    path("second-person/<int:pk>/refuse/", second_person.refuse, name="approval_refuse"),
    path("second-person/<int:pk>/withdraw/", second_person.withdraw, name="approval_withdraw"),
    path("clock/", clock.passage, name="clock"),
]
