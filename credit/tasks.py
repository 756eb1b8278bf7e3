"""Work asked for through the outbox."""

from datetime import datetime

from core.consumers import consumer
from credit.services import reports


@consumer(own_commits=True)
def fetch_report(report_id: int, at: datetime) -> None:
    """Topic credit.report_requested."""
    reports.fetch(report_id, at)
