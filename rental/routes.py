"""Which task does the work of which outbox topic. The one table (house.md)."""

ROUTES = {
    "message.queued": "notices.tasks.send",
    "identity.requested": "accounts.tasks.check_identity",
    "credit.report_requested": "orders.tasks.fetch_report",
    "order.placed": "orders.tasks.review",
    "order.demands_met": "orders.tasks.review",
    "agreement.drafted": "orders.tasks.present_agreement",
    "agreement.intended": "orders.tasks.sign_agreement",
    "notice.stored": "orders.tasks.apply_notice",
    "dispute.told": "orders.tasks.ask_dispute",
    "attempt.close_requested": "orders.tasks.close_attempt",
    "freeze.close_requested": "orders.tasks.close_freeze",
    "refund.requested": "billing.tasks.send_refund",
    "deposit.release_requested": "billing.tasks.send_release",
    "deposit.capture_requested": "orders.tasks.capture_deposit",
    "autopay.deduct_requested": "orders.tasks.deduct",
    "autopay.unsign_requested": "billing.tasks.unsign",
    "parcel.handed_over": "orders.tasks.watch_parcel",
    "parcel.told": "orders.tasks.apply_parcel_push",
    "backtest.requested": "orders.tasks.run_backtest",
    "clock.move_requested": "desk.tasks.pass_time",
}
