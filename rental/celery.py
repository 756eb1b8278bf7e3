"""Celery: broker, worker habits and the static beat table (house.md: Celery is never the guarantee)."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rental.settings")

app = Celery("rental")
app.config_from_object("rental.celery_settings")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep-outbox": {"task": "rental.tasks.sweep_outbox", "schedule": 30.0},
    "ask-providers": {"task": "rental.tasks.ask_providers", "schedule": 60.0},
    "end-waits": {"task": "rental.tasks.end_waits", "schedule": 60.0},
    "reconcile": {"task": "rental.tasks.reconcile", "schedule": crontab(minute="20,50")},
    "business-day": {"task": "rental.tasks.business_day", "schedule": crontab(minute="5")},
}
