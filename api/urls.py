"""Addresses for machines."""

from django.urls import path

from api import views

app_name = "api"
urlpatterns = [
    path("notices/alipay/", views.alipay_notice, name="alipay_notice"),
    path("health/", views.health, name="health"),
]
