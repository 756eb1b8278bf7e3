"""The workers' door: outbox messages about orders."""

from datetime import datetime

from core.consumers import consumer
from orders.services import (
    addenda,
    approvals,
    backtests,
    deposit_deductions,
    disputes,
    extensions,
    payments,
    renewals,
    rule_trials,
    signing,
    standstills,
    swaps,
    tracking,
    trust,
)


@consumer(own_commits=True)
def fetch_report(report_id: int, at: datetime) -> None:
    """Topic credit.report_requested: asked here, since a decision also looks at how a customer paid so far."""
    trust.fetch_report(report_id, at)


@consumer()
def review(order_id: int, at: datetime) -> None:
    approvals.review(order_id, at)


@consumer(own_commits=True)
def present_agreement(order_id: int, at: datetime) -> None:
    signing.present(order_id, at)


@consumer(own_commits=True)
def sign_agreement(order_id: int, at: datetime) -> None:
    signing.complete(order_id, at)


@consumer(own_commits=True)
def make_paper(agreement_id: int, at: datetime) -> None:
    """Topic paper.drafted: a renewal's or an extension's addendum, or a title paper."""
    addenda.make(agreement_id, at)


@consumer(own_commits=True)
def sign_paper(agreement_id: int, at: datetime) -> None:
    """Topic paper.intended: a renewal's addendum."""
    renewals.complete(agreement_id, at)


@consumer(own_commits=True)
def sign_extension(agreement_id: int, at: datetime) -> None:
    """Topic extension.intended."""
    extensions.complete(agreement_id, at)


@consumer()
def apply_notice(notice_id: int, at: datetime) -> None:
    payments.apply_notice(notice_id, at)


@consumer(own_commits=True)
def ask_dispute(channel: str, dispute_no: str, at: datetime) -> None:
    """Topic dispute.told."""
    disputes.ask(channel, dispute_no, at)


@consumer(own_commits=True)
def close_attempt(payment_id: int, at: datetime) -> None:
    payments.close(payment_id, at)


@consumer(own_commits=True)
def close_freeze(freeze_id: int, at: datetime) -> None:
    payments.close_freeze(freeze_id, at)


@consumer(own_commits=True)
def capture_deposit(deduction_id: int, at: datetime) -> None:
    deposit_deductions.send(deduction_id, at)


@consumer(own_commits=True)
def deduct(payment_id: int, at: datetime) -> None:
    payments.deduct(payment_id, at)


@consumer(own_commits=True)
def watch_parcel(parcel_id: int, at: datetime) -> None:
    """Topic parcel.handed_over: the carrier is asked to tell of it."""
    tracking.subscribe(parcel_id, at)


@consumer()
def apply_parcel_push(notice_id: int, at: datetime) -> None:
    """Topic parcel.told."""
    tracking.apply_push(notice_id, at)


@consumer(own_commits=True)
def run_backtest(backtest_id: int, at: datetime) -> None:
    """Topic backtest.requested."""
    backtests.run(backtest_id, at)


@consumer(own_commits=True)
def run_rule_trial(trial_id: int, at: datetime) -> None:
    """Topic rule_trial.requested."""
    rule_trials.run(trial_id, at)


@consumer()
def turn_swap(order_id: int, at: datetime) -> None:
    """Topic swap.moved."""
    swaps.turn(order_id, at)


@consumer()
def cancel_unshipped(order_id: int, at: datetime) -> None:
    """Topic standstill.unshipped."""
    standstills.cancel_unshipped(order_id, at)
