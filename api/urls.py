"""Addresses for machines."""

from django.urls import path, re_path

from api.views import notices, orders

app_name = "api"
urlpatterns = [
    path("notices/<slug:channel>/", notices.payment_notice, name="payment_notice"),
    path("parcels/<slug:provider>/", notices.parcel_push, name="parcel_push"),
    path("receipts/<slug:provider>/<slug:secret>/", notices.sms_receipts, name="sms_receipts"),
    path("v1/orders/", orders.orders, name="orders"),
    path("v1/orders/<slug:number>/", orders.order, name="order"),
    path("v1/orders/<slug:number>/actions/<slug:name>/", orders.act, name="act"),
    re_path("^v1(?:/.*)?$", orders.nothing, name="nothing"),
    path("health/", notices.health, name="health"),
]
