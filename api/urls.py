"""Addresses for machines."""

from django.urls import path

from api import views

app_name = "api"
urlpatterns = [
    path("notices/<slug:channel>/", views.payment_notice, name="payment_notice"),
    path("parcels/<slug:provider>/", views.parcel_push, name="parcel_push"),
    path("receipts/<slug:provider>/<slug:secret>/", views.sms_receipts, name="sms_receipts"),
    path("health/", views.health, name="health"),
]
