"""Addresses of what browsers keep."""

from django import template
from django.urls import reverse

from storefront import styles

register = template.Library()


@register.simple_tag
def stylesheet_url() -> str:
    """The style sheet under an address that changes with its content."""
    return reverse("storefront:stylesheet", args=[styles.version(styles.text())])
