"""Addresses of the pretended world; served by sandbox.wsgi only, never by the platform's own urls."""

from django.urls import include, path, re_path
from django.views.i18n import set_language

from sandbox.views import aliyun, gateway, pages, tsa

_cashier = [
    path("", pages.cashier, name="cashier"),
    path("sign-in/", pages.cashier_sign_in, name="cashier-sign-in"),
    path("answer/", pages.cashier_answer, name="cashier-answer"),
]

handler404 = pages.not_found
handler500 = pages.broken

urlpatterns = [
    path("", pages.front, name="front"),
    path("gateway.do", gateway.gateway, name="gateway"),
    re_path(r"^cashier/(?P<kind>trade|freeze)/(?P<number>\d{1,32})/", include(_cashier)),
    path("oauth2/publicAppAuthorize.htm", pages.authorize, name="authorize"),
    path("aliyun/dysms/", aliyun.dysms, name="dysms"),
    path("aliyun/cloudauth/", aliyun.cloudauth, name="cloudauth"),
    path("sms/", pages.inbox, name="sms"),
    path("sms.json", pages.inbox_json, name="sms-json"),
    path("person/", pages.person, name="person"),
    path("faults/", pages.fault_orders, name="faults"),
    path("tsa/", tsa.stamp, name="tsa"),
    path("tsa/cert.pem", tsa.certificate, name="tsa-certificate"),
    path("language/", set_language, name="language"),
    path("sandbox.css", pages.stylesheet, name="stylesheet"),
]
