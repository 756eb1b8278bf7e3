"""The text messages of the pretended world."""

import re
from collections.abc import Mapping
from datetime import datetime

from sandbox import conf, wire
from sandbox.models import SmsMessage


def send(phone: str, sign_name: str, template: str, params: Mapping[str, str], out_id: str, at: datetime) -> SmsMessage:
    return SmsMessage.objects.create(
        phone=phone,
        sign_name=sign_name,
        template=template,
        params=dict(params),
        text=f"【{sign_name}】{_text(template, params)}"[:1000],
        out_id=out_id,
        biz_id=wire.new_number(at, 18),
        sent_at=at,
    )


def inbox(phone: str = "") -> list[SmsMessage]:
    """The newest hundred, newest first; of one phone when given, which may be masked: 138****0000."""
    rows = SmsMessage.objects.all()
    if "*" in phone:
        rows = rows.filter(phone__startswith=phone[: phone.index("*")], phone__endswith=phone[phone.rindex("*") + 1 :])
    elif phone:
        rows = rows.filter(phone=phone)
    return list(rows.order_by("-sent_at", "-pk")[:100])  # the demo writes down its past while visitors wait for codes


def latest(phone: str) -> SmsMessage:
    """The newest message to a phone, for tests. SmsMessage.DoesNotExist when there is none."""
    return SmsMessage.objects.filter(phone=phone).latest("pk")


def _text(template: str, params: Mapping[str, str]) -> str:
    pattern = conf.sms_templates().get(template)
    if pattern is None:
        return f"{template} " + ", ".join(f"{name}: {value}" for name, value in params.items())
    return re.sub(r"\$\{(\w+)\}", lambda place: str(params.get(place[1], place[0])), pattern)
