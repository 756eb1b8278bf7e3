"""Stock: conditional UPDATEs only, never oversold, also in parallel (domain.md; reliability.md, Quota and stock)."""

import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction

from catalog.models import StockLevel
from catalog.services import stock
from tests import things

THREADS = 8


def shelf(on_hand: int) -> tuple[int, int]:
    merchant, sku = things.merchant(), things.sku()
    for _ in range(on_hand):
        stock.put_back(merchant.pk, sku.pk)
    return merchant.pk, sku.pk


def level(where: tuple[int, int]) -> tuple[int, int]:
    found = StockLevel.objects.get(merchant=where[0], sku=where[1])
    return found.on_hand, found.reserved


@pytest.mark.django_db
def test_a_unit_goes_from_shelf_to_order_to_customer_and_back() -> None:
    where = shelf(2)
    stock.reserve(*where)
    assert (level(where), stock.available(*where)) == ((2, 1), 1)
    stock.take(*where)
    assert (level(where), stock.available(*where)) == ((1, 0), 1)
    stock.put_back(*where)
    assert level(where) == (2, 0)


@pytest.mark.django_db
def test_a_cancelled_reservation_is_free_again() -> None:
    where = shelf(1)
    stock.reserve(*where)
    with pytest.raises(stock.OutOfStock):
        stock.reserve(*where)
    stock.free(*where)
    stock.reserve(*where)


@pytest.mark.django_db
def test_what_is_not_there_is_neither_reserved_nor_freed_nor_taken() -> None:
    where = shelf(1)
    for verb in (stock.free, stock.take):
        with pytest.raises(stock.NothingReserved):
            verb(*where)
    with pytest.raises(stock.OutOfStock):
        stock.reserve(where[0], things.sku().pk)
    assert stock.available(where[0], things.sku().pk) == 0


@pytest.mark.django_db
def test_the_database_refuses_to_oversell() -> None:
    where = shelf(1)
    with pytest.raises(IntegrityError, match="catalog_stock_not_oversold"), transaction.atomic():
        StockLevel.objects.filter(merchant=where[0]).update(reserved=2)


@pytest.mark.django_db(transaction=True)
def test_parallel_orders_reserve_exactly_what_is_there() -> None:
    where = shelf(3)
    assert reserved_in_parallel(where, stock.reserve) == 3
    assert level(where) == (3, 3)


@pytest.mark.django_db(transaction=True)
def test_the_race_is_real_with_the_guards_off() -> None:
    """The twin: look, then write, without CHECK. More are let through than there are."""
    where = shelf(3)
    barrier = threading.Barrier(THREADS)

    def look_then_write(merchant: int, sku: int) -> None:
        free = stock.available(merchant, sku)
        barrier.wait()
        if not free:
            raise stock.OutOfStock
        with connection.cursor() as cursor:
            cursor.execute("UPDATE catalog_stocklevel SET reserved = reserved + 1 WHERE merchant_id = %s", [merchant])

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_stocklevel DROP CONSTRAINT catalog_stock_not_oversold")
    try:
        assert reserved_in_parallel(where, look_then_write) > 3
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE catalog_stocklevel SET reserved = 0")
            cursor.execute(
                "ALTER TABLE catalog_stocklevel ADD CONSTRAINT catalog_stock_not_oversold CHECK (reserved <= on_hand)"
            )


def reserved_in_parallel(where: tuple[int, int], reserve: object) -> int:
    """How many of THREADS orders got a unit."""
    outcomes: list[bool] = []

    def one() -> None:
        try:
            with transaction.atomic():
                reserve(*where)  # type: ignore[operator]
            outcomes.append(True)
        except stock.OutOfStock:
            outcomes.append(False)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == THREADS
    return sum(outcomes)
