"""Pictures of the device at its moments from the same angles, and of its faults: drawn anew, sealed, opened for who may
see the order."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.services import keys
from core import images, vault
from core.errors import DomainError
from orders.models import DevicePhoto, Fault, Order, State
from orders.services import defects, steps

Moment, Angle = DevicePhoto.Moment, DevicePhoto.Angle
MOST_OF_AN_ANGLE = 4
OF_CUSTOMER = (Moment.FAULTY, Moment.DEFECT, Moment.RECEIVED, Moment.RETURNED)
OF_MERCHANT = (Moment.PACKED, Moment.INSPECTED)
BEFORE_SENDING = (Fault.State.REPORTED, Fault.State.AT_DESK, Fault.State.ACCEPTED)  # whoever mends it sees them
OPEN_IN: dict[str, tuple[State, ...]] = {
    Moment.PACKED: (State.PAID, State.SHIPPED),
    Moment.RECEIVED: (State.SHIPPED, State.ACTIVE),
    Moment.RETURNED: (State.RETURNING,),
    Moment.INSPECTED: (State.INSPECTING,),
    Moment.FAULTY: (State.ACTIVE,),
    Moment.DEFECT: (State.RETURNING,),
}


class TooManyPhotos(DomainError):
    code = "too_many_photos"
    message = _("There are already %(count)s pictures from this side.")


class PhotoTooLate(DomainError):
    code = "photo_too_late"
    message = _("A picture of this moment can no longer be added: the order is “%(state)s” now.")


@dataclass(frozen=True, slots=True)
class Side:
    """One angle with its pictures of each moment, in the order of the moments."""

    angle: str
    label: str | Promise
    moments: dict[str, list[DevicePhoto]]


def add(order_id: int, moment: str, angle: str, raw: bytes, actor: str, at: datetime) -> DevicePhoto:
    """Keep a picture. What `images.drawn_anew` refuses; PhotoTooLate, TooManyPhotos. The same again: its row."""
    image = images.drawn_anew(raw)
    digest = hashlib.sha256(image.content).hexdigest()
    with transaction.atomic():
        order = steps.lock(order_id)
        if not _is_open(order, Moment(moment)):
            raise PhotoTooLate(state=order.get_state_display())
        fault = _faulty(order) if moment == Moment.FAULTY else None
        there = of(order).filter(moment=moment, angle=Angle(angle), fault=fault)
        known = there.filter(sha256=digest).first()
        if known is not None:
            return known
        if there.count() >= MOST_OF_AN_ANGLE:
            raise TooManyPhotos(count=MOST_OF_AN_ANGLE)
        row = DevicePhoto(order=order, fault=fault, moment=moment, angle=angle, sha256=digest, taken_by=actor)
        row.added_at = at
        row.width, row.height, row.size = image.width, image.height, len(image.content)
        row.sealed = vault.close(keys.of(order.customer, at), image.content, _place(row))
        row.save()
    return row


def of(order: Order) -> "QuerySet[DevicePhoto]":
    """Oldest first, without the files themselves."""
    return DevicePhoto.objects.defer("sealed").filter(order=order).order_by("id")


def open_moment(order: Order, among: Iterable[DevicePhoto.Moment]) -> DevicePhoto.Moment | None:
    """Which of these moments the order is at; pictures are taken now or not at all."""
    return next((moment for moment in among if _is_open(order, moment)), None)


def moments(order: Order) -> list[tuple[str | Promise, list[DevicePhoto]]]:
    """The pictures of each moment that has any; one query."""
    rows = list(of(order))
    told = [(label, [row for row in rows if row.moment == moment]) for moment, label in Moment.choices]
    return [(label, taken) for label, taken in told if taken]


def side_by_side(order: Order, *moments: str) -> list[Side]:
    """Each angle with its pictures of these moments (of all, when none is named); one query."""
    rows, wanted = list(of(order)), moments or tuple(Moment.values)
    return [
        Side(angle, label, {m: [row for row in rows if (row.moment, row.angle) == (m, angle)] for m in wanted})
        for angle, label in Angle.choices
    ]


def content(photo: DevicePhoto, actor: str, at: datetime) -> bytes:
    """The JPEG for a reader whom the door let in; opening its key is recorded. FilesForgotten, FileDamaged."""
    with transaction.atomic():
        row = DevicePhoto.objects.select_related("order__customer").get(pk=photo.pk)
        key = keys.of(row.order.customer, at, actor=actor)
    opened = vault.open_(key, bytes(row.sealed), _place(row))
    if not hmac.compare_digest(hashlib.sha256(opened).hexdigest(), row.sha256):
        raise vault.FileDamaged
    return opened


def _is_open(order: Order, moment: DevicePhoto.Moment) -> bool:
    """A fault's pictures are taken until the device is sent in, a defect's until it is sent off."""
    if moment == Moment.DEFECT:
        return defects.is_to_send(order)
    return order.state in OPEN_IN[moment] and (moment != Moment.FAULTY or _faulty(order) is not None)


def _faulty(order: Order) -> Fault | None:
    return next((one for one in order.faults.all() if one.state in BEFORE_SENDING), None)


def _place(row: DevicePhoto) -> str:
    return f"orders.devicephoto:{row.file_row}"
