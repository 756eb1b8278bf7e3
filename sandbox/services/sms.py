"""The text messages of the pretended world."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sandbox import conf, wire
from sandbox.models import SmsMessage
from sandbox.services import receipts

PLACE = re.compile(r"\$\{(\w+)\}")


def send(
    phone: str,
    sign_name: str,
    template: str,
    params: Mapping[str, str],
    out_id: str,
    at: datetime,
    vendor: str = "aliyun",
) -> SmsMessage:
    """Arrives at once; what became of it is told a moment later, where the shop asked for receipts."""
    made = SmsMessage.objects.create(
        phone=phone,
        sign_name=sign_name,
        template=template,
        params=dict(params),
        text=f"【{sign_name}】{_text(template, params)}"[:1000],
        out_id=out_id,
        biz_id=wire.new_number(at, 18),
        sent_at=at,
    )
    receipts.put(made, vendor, at)
    return made


def numbered(template: str, values: Sequence[str]) -> dict[str, str] | None:
    """Values of a template whose places are numbered, by name; None when it wants another number of them."""
    pattern = conf.sms_templates().get(template)
    names = [str(place) for place in range(1, len(values) + 1)]
    if pattern is not None:
        names = list(dict.fromkeys(PLACE.findall(pattern)))
    return dict(zip(names, values, strict=True)) if len(names) == len(values) else None


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
    return PLACE.sub(lambda place: str(params.get(place[1], place[0])), pattern)
