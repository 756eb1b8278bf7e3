"""What the pretended providers remember. Tables sandbox_*; no other app reads them."""

from django.db import models

from core.fields import MoneyField
from sandbox.cards import CardPayment, CardRefund, KnownKey
from sandbox.post import Mail, SmsReceipt
from sandbox.shipments import Shipment, ShipmentScan

ELSEWHERE = (Shipment, ShipmentScan, CardPayment, CardRefund, KnownKey, SmsReceipt, Mail)  # tables of their own files


class Person(models.Model):
    """Someone whom the registers were asked about. The number itself is not kept, only its blind index."""

    id_index = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True, db_index=True)
    score = models.PositiveSmallIntegerField(null=True, help_text="set it to pin an exact score; empty means N/A")
    quirk = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return f"{self.name} {self.phone}"


class AlipayAccount(models.Model):
    phone = models.CharField(max_length=20, unique=True)
    user_id = models.CharField(max_length=16, unique=True)

    def __str__(self) -> str:
        return self.user_id

    @property
    def logon_id(self) -> str:
        return f"{self.phone[:3]}****{self.phone[-2:]}"


class Freeze(models.Model):
    """A pre-authorisation, from its voucher on. The shop can ask about it once a person has opened it."""

    class Status(models.TextChoices):
        INIT = "INIT"
        SUCCESS = "SUCCESS"
        CLOSED = "CLOSED"

    auth_no = models.CharField(max_length=32, unique=True)
    operation_id = models.CharField(max_length=32, unique=True)
    out_order_no = models.CharField(max_length=64)
    out_request_no = models.CharField(max_length=64)
    title = models.CharField(max_length=256)
    amount = MoneyField()
    status = models.CharField(max_length=10, choices=Status, default=Status.INIT)
    is_credit = models.BooleanField(default=False)
    may_be_credit = models.BooleanField(default=False)
    account = models.ForeignKey(AlipayAccount, models.PROTECT, null=True)
    notify_url = models.CharField(max_length=500, blank=True)
    return_url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["out_order_no", "out_request_no"], name="sandbox_freeze_number_once")
        ]

    def __str__(self) -> str:
        return self.auth_no


class UserAgreement(models.Model):
    """An agreement on periodic deductions, from its page on. TEMP until a person agrees."""

    class Status(models.TextChoices):
        TEMP = "TEMP"
        NORMAL = "NORMAL"
        UNSIGN = "UNSIGN"

    agreement_no = models.CharField(max_length=32, unique=True)
    external_agreement_no = models.CharField(max_length=32, unique=True)
    sign_scene = models.CharField(max_length=64)
    single_amount = MoneyField()
    status = models.CharField(max_length=10, choices=Status, default=Status.TEMP)
    account = models.ForeignKey(AlipayAccount, models.PROTECT, null=True)
    notify_url = models.CharField(max_length=500, blank=True)
    return_url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.agreement_no


class Trade(models.Model):
    class Status(models.TextChoices):
        WAIT_BUYER_PAY = "WAIT_BUYER_PAY"
        TRADE_SUCCESS = "TRADE_SUCCESS"
        TRADE_FINISHED = "TRADE_FINISHED"
        TRADE_CLOSED = "TRADE_CLOSED"

    trade_no = models.CharField(max_length=32, unique=True)
    out_trade_no = models.CharField(max_length=64, unique=True)
    subject = models.CharField(max_length=256)
    total_amount = MoneyField()
    status = models.CharField(max_length=20, choices=Status, default=Status.WAIT_BUYER_PAY)
    account = models.ForeignKey(AlipayAccount, models.PROTECT, null=True)
    freeze = models.ForeignKey(Freeze, models.PROTECT, null=True, related_name="captures")
    agreement = models.ForeignKey(UserAgreement, models.PROTECT, null=True, related_name="deductions")
    method = models.CharField(max_length=40)
    notify_url = models.CharField(max_length=500, blank=True)
    return_url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.trade_no


class Refund(models.Model):
    """Done at once, or accepted only and forgotten when `fails_at` has come: then the same number may be sent again."""

    trade = models.ForeignKey(Trade, models.PROTECT, related_name="refunds")
    out_request_no = models.CharField(max_length=64)
    amount = MoneyField()
    refunded_at = models.DateTimeField()
    fails_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trade", "out_request_no"], name="sandbox_refund_number_once")]

    def __str__(self) -> str:
        return self.out_request_no


class WechatOrder(models.Model):
    """An order at the pretended WeChat Pay. Amounts are whole fen, as on its wire."""

    class State(models.TextChoices):
        NOTPAY = "NOTPAY"
        SUCCESS = "SUCCESS"
        REFUND = "REFUND"
        CLOSED = "CLOSED"

    prepay_id = models.CharField(max_length=32, unique=True)
    out_trade_no = models.CharField(max_length=32, unique=True)
    transaction_id = models.CharField(max_length=32, blank=True)
    description = models.CharField(max_length=127)
    total = models.PositiveBigIntegerField()
    entry = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State, default=State.NOTPAY)
    account = models.ForeignKey(AlipayAccount, models.PROTECT, null=True)
    notify_url = models.CharField(max_length=500)
    return_url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.prepay_id


class WechatRefund(models.Model):
    """Accepted at once; settled, for good or ill, when `settles_at` has come."""

    class State(models.TextChoices):
        PROCESSING = "PROCESSING"
        SUCCESS = "SUCCESS"
        ABNORMAL = "ABNORMAL"

    order = models.ForeignKey(WechatOrder, models.PROTECT, related_name="refunds")
    refund_id = models.CharField(max_length=32, unique=True)
    out_refund_no = models.CharField(max_length=64, unique=True)
    amount = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.PROCESSING)
    fails = models.BooleanField(default=False)
    notify_url = models.CharField(max_length=500, blank=True)
    settles_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.out_refund_no


class Complaint(models.Model):
    """消费者投诉: a payer wants the rest of an order back. `refund_id`: the platform gave it back out of our money."""

    class State(models.TextChoices):
        PENDING = "PENDING"
        PROCESSED = "PROCESSED"

    complaint_id = models.CharField(max_length=64, unique=True)
    order = models.ForeignKey(WechatOrder, models.PROTECT, related_name="complaints")
    amount = models.PositiveBigIntegerField()
    words = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    refund_id = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(state="PENDING"), name="sandbox_complaint_one_pending"
            )
        ]

    def __str__(self) -> str:
        return self.complaint_id


class Release(models.Model):
    freeze = models.ForeignKey(Freeze, models.PROTECT, related_name="releases")
    operation_id = models.CharField(max_length=32, unique=True)
    out_request_no = models.CharField(max_length=64)
    amount = MoneyField()
    remark = models.CharField(max_length=100, blank=True)
    released_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["freeze", "out_request_no"], name="sandbox_release_number_once")]

    def __str__(self) -> str:
        return self.out_request_no


class Consent(models.Model):
    """A person's yes on the authorisation page: a code that works once, then a token."""

    code = models.CharField(max_length=40, unique=True)
    access_token = models.CharField(max_length=40, unique=True, null=True)
    account = models.ForeignKey(AlipayAccount, models.PROTECT)
    scope = models.CharField(max_length=40)
    given_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class ScoreReceipt(models.Model):
    """The first answer to a transaction number; it is repeated for 24 hours."""

    transaction_id = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(AlipayAccount, models.PROTECT)
    biz_no = models.CharField(max_length=32)
    zm_score = models.CharField(max_length=5)
    answered_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.biz_no


class SmsMessage(models.Model):
    phone = models.CharField(max_length=20, db_index=True)
    sign_name = models.CharField(max_length=40)
    template = models.CharField(max_length=60)
    params = models.JSONField()
    text = models.CharField(max_length=1000)
    out_id = models.CharField(max_length=64, blank=True)
    biz_id = models.CharField(max_length=40, unique=True)
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.biz_id


class SpentNonce(models.Model):
    """A signed Aliyun request is taken once."""

    value = models.CharField(max_length=64, primary_key=True)
    spent_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.value


class OutgoingNotice(models.Model):
    """A notice that waits to be posted. `posts` counts tries of this row; duplicates are rows of their own.

    `form` is Alipay's signed form, or the object that WeChat or Stripe tells of, sealed and signed anew at every try.
    """

    class Wire(models.TextChoices):
        ALIPAY = "alipay"
        WECHAT = "wechat"
        KUAIDI100 = "kuaidi100"
        STRIPE = "stripe"

    wire = models.CharField(max_length=10, choices=Wire, default=Wire.ALIPAY)
    url = models.CharField(max_length=500)
    notify_id = models.CharField(max_length=40, db_index=True)
    notify_type = models.CharField(max_length=40)
    form = models.JSONField()
    goes_last = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, help_text="empty: no further try")
    posts = models.PositiveSmallIntegerField(default=0)
    answered = models.CharField(max_length=100, blank=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="sandbox_notice_due")]

    def __str__(self) -> str:
        return f"{self.notify_type} {self.notify_id}"


class FaultOrder(models.Model):
    """Misbehaviour on order, for the next `remaining` calls (or notices) that `target` matches."""

    class Kind(models.TextChoices):
        LOSE_REPLY = "LOSE_REPLY"  # act, then answer 500
        HANG = "HANG"  # act, then keep silent for `argument` seconds, then 500
        DOWN = "DOWN"  # 503, without acting
        UNKNOWN = "UNKNOWN"  # act, then answer code 20000
        FORGED = "FORGED"  # a reply or notice signed by nobody's key
        WRONG_AMOUNT = "WRONG_AMOUNT"  # a notice with `argument` yuan (or one fen less), signature valid
        DUPLICATE = "DUPLICATE"  # the notice `argument` times more (1)
        DELAY = "DELAY"  # the notice `argument` seconds later (3600)
        REORDER = "REORDER"  # the notice after all others that are due with it
        DROP = "DROP"  # the notice never
        FAIL_LATER = "FAIL_LATER"  # a refund or deduction is accepted, and turned back `argument` hours later (48)
        NO_BALANCE = "NO_BALANCE"  # a deduction finds too little money

    target = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=Kind)
    argument = models.CharField(max_length=20, blank=True)
    remaining = models.PositiveSmallIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"


class DayFile(models.Model):
    """The statement of a day as it was made at the first question; it stays so."""

    wire = models.CharField(max_length=10, choices=OutgoingNotice.Wire)
    day = models.DateField()
    content = models.BinaryField()
    token = models.CharField(max_length=40, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wire", "day"], name="sandbox_dayfile_once")]

    def __str__(self) -> str:
        return f"{self.wire} {self.day}"


class StatementFault(models.Model):
    """Errors on order in the statements of a wire: `errors` in each, or in that of `day` only, drawn by `seed`."""

    wire = models.CharField(max_length=10, choices=OutgoingNotice.Wire)
    seed = models.PositiveIntegerField()
    errors = models.PositiveSmallIntegerField(default=1)
    day = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.wire} {self.seed}"


class Spoilt(models.Model):
    """What a statement says wrongly. Nobody but tests reads it; a line moved to the next day is taken from here."""

    class Kind(models.TextChoices):
        MISSING = "MISSING"
        EXTRA = "EXTRA"
        AMOUNT = "AMOUNT"
        TWICE = "TWICE"
        NEXT_DAY = "NEXT_DAY"
        NUMBER = "NUMBER"
        TAKEN = "TAKEN"  # a payment is taken back for a complaint that nobody told of

    wire = models.CharField(max_length=10, choices=OutgoingNotice.Wire)
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind)
    number = models.CharField(max_length=64, help_text="of the payment or the refund as it truly is")
    row = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
