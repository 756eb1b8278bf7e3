"""Celery's configuration, from Django's settings."""

from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

broker_url = settings.CELERY_BROKER_URL
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1
task_time_limit = 300
timezone = "UTC"
broker_connection_retry_on_startup = True
worker_hijack_root_logger = False

if broker_url.startswith("filesystem://"):
    TRANSPORT_ALIASES["filesystem"] = "rental.filebroker:Transport"
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    _queue = settings.BROKER_DIR / "queue"
    _queue.mkdir(exist_ok=True)
    broker_transport_options = {
        "data_folder_in": str(_queue),
        "data_folder_out": str(_queue),
        "control_folder": str(settings.BROKER_DIR / "control"),
        "polling_interval": 0.05,
    }
else:
    broker_transport_options = {"visibility_timeout": 3600}
