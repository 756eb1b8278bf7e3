"""Addresses for machines."""

from django.urls import path

from api import views

app_name = "api"
urlpatterns = [
    path("notices/<slug:channel>/", views.payment_notice, name="payment_notice"),
    path("health/", views.health, name="health"),
]
