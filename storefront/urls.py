"""The customer's addresses."""

from django.urls import path

from storefront.views import (
    assets,
    credit,
    devices,
    home,
    identity,
    leases,
    me,
    orders,
    papers,
    paying,
    placing,
    sign_in,
)

app_name = "storefront"
urlpatterns = [
    path("", home.home, name="home"),
    path("assets/<slug:version>.css", assets.stylesheet, name="stylesheet"),
    path("devices/", devices.devices, name="devices"),
    path("devices/<int:plan_id>/", devices.device, name="device"),
    path("sign-in/", sign_in.phone, name="sign_in"),
    path("sign-in/code/", sign_in.code, name="sign_in_code"),
    path("sign-out/", sign_in.leave, name="sign_out"),
    path("my/", me.me, name="me"),
    path("my/messages/", me.messages, name="messages"),
    path("my/messages/<int:message_id>/", me.message, name="message"),
    path("my/permissions/", me.permissions, name="permissions"),
    path("my/identity/", identity.identity, name="identity"),
    path("my/credit/", credit.credit, name="credit"),
    path("my/credit/authorise/", credit.authorise, name="credit_authorise"),
    path("credit/return/", credit.callback, name="credit_callback"),
    path("my/leases/", leases.leases, name="leases"),
    path("checkout/<int:plan_id>/", placing.checkout, name="checkout"),
    path("checkout/<int:plan_id>/address/", placing.address, name="address"),
    path("orders/<slug:number>/", orders.order, name="order"),
    path("orders/<slug:number>/agreement/", papers.agreement, name="agreement"),
    path("orders/<slug:number>/agreement.pdf", papers.pdf, name="agreement_pdf"),
    path("orders/<slug:number>/agreement/code/", papers.code, name="agreement_code"),
    path("orders/<slug:number>/agreement/sign/", papers.sign, name="agreement_sign"),
    path("orders/<slug:number>/pay/", paying.pay, name="order_pay"),
    path("orders/<slug:number>/pay/rent/", paying.pay_rent, name="order_pay_rent"),
    path("orders/<slug:number>/pay/deposit/", paying.freeze_deposit, name="order_pay_deposit"),
    path("orders/<slug:number>/paid/", paying.paid, name="order_paid"),
    path("orders/<slug:number>/<slug:step>/", orders.step, name="order_step"),
    path("leases/<slug:number>/", leases.lease, name="lease"),
    path("leases/<slug:number>/bills/<int:bill_number>/", leases.bill, name="bill"),
    path("leases/<slug:number>/pay/", paying.pay_bills, name="bills_pay"),
    path("payments/<slug:number>/", paying.payment, name="payment"),
]
