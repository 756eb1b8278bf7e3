"""A thread may stand at an instant of the past while the others live today."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import override_settings

from core import clock

AT = datetime(2025, 11, 3, 20, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_the_clock_stands_inside_and_goes_on_afterwards() -> None:
    with clock.standing_at(AT):
        assert clock.now() == AT
        assert clock.today() == date(2025, 11, 4)  # 04:00 in Shanghai
    assert abs(clock.now() - clock.machine()) < timedelta(minutes=1)


def test_the_inner_instant_wins_and_the_outer_comes_back() -> None:
    with clock.standing_at(AT):
        with clock.standing_at(AT + timedelta(days=1)):
            assert clock.now() == AT + timedelta(days=1)
        assert clock.now() == AT


def test_an_error_inside_lets_the_clock_go() -> None:
    with pytest.raises(LookupError), clock.standing_at(AT):
        raise LookupError
    assert clock.now() != AT


@pytest.mark.django_db(transaction=True)
def test_other_threads_live_today() -> None:
    seen: list[datetime] = []

    def look() -> None:
        from django.db import connection

        seen.append(clock.now())
        connection.close()

    with clock.standing_at(AT):
        other = threading.Thread(target=look)
        other.start()
        other.join()
    assert abs(seen[0] - clock.machine()) < timedelta(minutes=1)


@override_settings(CLOCK_MOVABLE=False, DEBUG=False)
def test_in_production_it_never_stands() -> None:
    with pytest.raises(ValueError, match="only in the demo"), clock.standing_at(AT):
        pass


def test_an_instant_carries_its_zone() -> None:
    with pytest.raises(ValueError, match="zone"), clock.standing_at(datetime(2025, 11, 3)):
        pass
