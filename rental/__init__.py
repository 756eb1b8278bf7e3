"""Xinzu: renting devices on credit. Celery's app is rental.celery; a web server asks for no work by itself (outbox)."""
