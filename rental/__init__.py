"""Xinzu: renting devices on credit."""

from rental.celery import app as celery_app

__all__ = ["celery_app"]
