"""Pictures of the device: only our drawing, sealed, at their moment, side by side by angle (F1, H2)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.services import keys
from core import images, vault
from orders.models import DevicePhoto, Order, State
from orders.services import photos
from tests import make, walks
from tests.evidence import picture

pytestmark = pytest.mark.django_db
AT = make.AT + timedelta(hours=1)
Moment, Angle = DevicePhoto.Moment, DevicePhoto.Angle


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.PAID, of=make.customer(812), months=6).pk


@pytest.fixture
def paid(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def add(order: Order, angle: str = Angle.FRONT, raw: bytes | None = None, moment: str = Moment.PACKED) -> DevicePhoto:
    return photos.add(order.pk, moment, angle, raw or picture(), "merchant:1", AT)


def test_a_picture_is_kept_sealed_and_read_as_our_own_drawing(paid: Order) -> None:
    row = add(paid, raw=picture(kind="PNG"))
    assert b"\xff\xd8\xff" not in bytes(row.sealed)[:20]
    opened = photos.content(row, "merchant:1", AT)
    assert opened.startswith(b"\xff\xd8\xff")
    assert len(opened) == row.size
    assert add(paid, raw=picture(kind="PNG")).pk == row.pk  # the same picture twice is one


def test_every_angle_lies_beside_itself(paid: Order) -> None:
    front, screen = add(paid), add(paid, Angle.SCREEN)
    sides = {side.angle: side.moments for side in photos.side_by_side(paid, Moment.PACKED, Moment.INSPECTED)}
    assert list(sides) == list(Angle.values)
    assert sides["FRONT"] == {"PACKED": [front], "INSPECTED": []}
    assert sides["SCREEN"]["PACKED"] == [screen]


@pytest.mark.parametrize("moment", [Moment.RECEIVED, Moment.RETURNED, Moment.INSPECTED])
def test_a_picture_of_another_moment_is_refused(paid: Order, moment: str) -> None:
    with walks.nothing_changes(), pytest.raises(photos.PhotoTooLate):
        add(paid, moment=moment)


def test_what_is_no_picture_is_refused(paid: Order) -> None:
    with walks.nothing_changes(), pytest.raises(images.ImageNotSupported):
        add(paid, raw=b"%PDF-1.7\n")


def test_there_is_a_most_of_each_angle(paid: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MOST_OF_AN_ANGLE", 1)
    add(paid)
    with walks.nothing_changes(), pytest.raises(photos.TooManyPhotos):
        add(paid, raw=picture(kind="PNG", size=(30, 31)))
    add(paid, Angle.BACK)


def test_a_picture_is_never_changed_nor_moved_to_another_row(paid: Order) -> None:
    row, other = add(paid), add(paid, Angle.BACK)
    with pytest.raises(IntegrityError), transaction.atomic():
        DevicePhoto.objects.filter(pk=row.pk).update(sealed=other.sealed)
    key = keys.of(paid.customer, AT)
    with pytest.raises(vault.FileDamaged):
        vault.open_(key, bytes(row.sealed), f"orders.devicephoto:{other.file_row}")


def test_a_forgotten_person_takes_his_pictures_along(paid: Order) -> None:
    row = add(paid)
    keys.destroy(paid.customer, "operator:1", AT)
    with pytest.raises(keys.FilesForgotten):
        photos.content(row, "merchant:1", AT)
