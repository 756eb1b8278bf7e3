"""Addresses of the pretended world; served by sandbox.wsgi only, never by the platform's own urls."""

from django.urls import include, path, re_path
from django.views.i18n import set_language

from sandbox.views import (
    aliyun,
    bills,
    complaints,
    form,
    gateway,
    kuaidi100,
    oauth,
    pages,
    stripe,
    tencent,
    tsa,
    wechat,
)

_cashier = [
    path("", pages.cashier, name="cashier"),
    path("sign-in/", pages.cashier_sign_in, name="cashier-sign-in"),
    path("answer/", pages.cashier_answer, name="cashier-answer"),
]

_wechat = [
    re_path(r"^pay/transactions/(?P<entry>h5|native|jsapi)$", wechat.transactions),
    re_path(r"^pay/transactions/out-trade-no/(?P<number>[\w-]{1,32})$", wechat.query),
    re_path(r"^pay/transactions/out-trade-no/(?P<number>[\w-]{1,32})/close$", wechat.close),
    path("bill/tradebill", bills.wechat),
    path("billdownload/file", bills.wechat_file),
    path("refund/domestic/refunds", wechat.refund),
    re_path(r"^refund/domestic/refunds/(?P<number>[\w-]{1,64})$", wechat.refund_query),
    path("merchant-service/complaints-v2", wechat.complaint_list),
    re_path(r"^merchant-service/complaints-v2/(?P<number>[\w-]{1,64})$", wechat.complaint),
]

_stripe = [
    path("checkout/sessions", stripe.sessions),
    re_path(r"^checkout/sessions/cs_test_(?P<number>\d{1,32})$", stripe.session),
    re_path(r"^checkout/sessions/cs_test_(?P<number>\d{1,32})/expire$", stripe.expire),
    path("charges/search", stripe.search),
    re_path(r"^charges/ch_(?P<number>\d{1,32})$", stripe.charge),
    re_path(r"^payment_intents/pi_(?P<number>\d{1,32})$", stripe.intent),
    re_path(r"^payment_intents/pi_(?P<number>\d{1,32})/capture$", stripe.capture),
    re_path(r"^payment_intents/pi_(?P<number>\d{1,32})/cancel$", stripe.cancel),
    path("refunds", stripe.refunds),
    path("balance", stripe.balance),
]

handler404 = pages.not_found
handler500 = pages.broken

urlpatterns = [
    path("", pages.front, name="front"),
    path("gateway.do", gateway.gateway, name="gateway"),
    path("form/pay", form.page),
    re_path(r"^form/(?P<what>query|close|refund|refund_query)$", form.call),
    re_path(r"^bills/(?P<token>[\w-]{1,40})$", bills.alipay_file, name="bill-file"),
    re_path(r"^cashier/(?P<kind>trade|freeze|agreement|wechat|stripe)/(?P<number>\d{1,32})/", include(_cashier)),
    path("wechat/v3/", include(_wechat)),
    path("stripe/v1/", include(_stripe)),
    path("v3/", include(_wechat)),  # as at the real host, for clients that know no other place
    path("oauth2/publicAppAuthorize.htm", pages.authorize, name="authorize"),
    path("connect/oauth2/authorize", oauth.authorize, name="wechat-authorize"),
    path("sns/oauth2/access_token", oauth.token),
    path("aliyun/dysms/", aliyun.dysms, name="dysms"),
    path("aliyun/cloudauth/", aliyun.cloudauth, name="cloudauth"),
    path("tencent/sms/", tencent.endpoint, name="tencent-sms"),
    path("sms/", pages.inbox, name="sms"),
    path("mail/", pages.mails, name="mail"),
    path("sms.json", pages.inbox_json, name="sms-json"),
    path("person/", pages.person, name="person"),
    path("agreements/", pages.agreements, name="agreements"),
    path("complaints/", complaints.paid, name="complaints"),
    re_path(r"^complaints/(?P<prepay_id>\d{1,32})/$", complaints.make, name="complaint-make"),
    re_path(r"^complaints/(?P<complaint_id>\d{1,64})/decision/$", complaints.decide, name="complaint-decide"),
    path("kuaidi100/poll", kuaidi100.poll),
    path("kuaidi100/poll/query.do", kuaidi100.query),
    path("parcels/", kuaidi100.shown, name="parcels"),
    path("parcels/<int:pk>/move/", kuaidi100.move, name="parcel-move"),
    path("faults/", pages.fault_orders, name="faults"),
    path("tsa/", tsa.stamp, name="tsa"),
    path("tsa/cert.pem", tsa.certificate, name="tsa-certificate"),
    path("language/", set_language, name="language"),
    path("favicon.ico", pages.no_icon),
    path("sandbox.css", pages.stylesheet, name="stylesheet"),
]
