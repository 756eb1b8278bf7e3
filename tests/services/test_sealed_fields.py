"""Personal facts are sealed at rest, bound to their cell, and opened only with a record of it."""

import base64
import io

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection

from accounts.models import Address, IdentityVerification, User
from accounts.services import addresses
from core import seals
from core.models import Event
from core.services import events
from notices.models import Message
from tests.trust import AT, NAME, PHONE, asked, id_number, signed_up

pytestmark = pytest.mark.django_db

OTHER = "13800000002"


def cell(table: str, column: str, pk: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [pk])
        return str(cursor.fetchone()[0])


def user(login: str, phone: str | None = None) -> User:
    return User.objects.create_user(login, phone=phone)


def test_the_column_holds_no_plain_text_and_reads_back() -> None:
    row = User.objects.get(pk=user("a", PHONE).pk)
    raw = cell("accounts_user", "phone", row.pk)
    assert raw.startswith("seal-1.")
    assert PHONE not in raw
    assert PHONE.encode() not in base64.b64decode(raw.partition(".")[2])
    assert row.phone is not None
    assert row.phone.open(by="operator:1", purpose="call back", at=AT) == PHONE


def test_equal_texts_are_sealed_differently() -> None:
    first, second = (
        Address.objects.create(
            customer=signed_up(phone), consignee=NAME, phone=PHONE, region="北京", street="某路1号", added_at=AT
        )
        for phone in (PHONE, OTHER)
    )
    assert cell("accounts_address", "phone", first.pk) != cell("accounts_address", "phone", second.pk)


def test_opening_is_recorded_with_who_and_why() -> None:
    row = user("a", PHONE)
    assert row.phone is not None
    row.phone.open(by="operator:7", purpose="call back", at=AT)
    event = events.of(row).get()
    assert (event.kind, event.actor, event.at) == ("unsealed", "operator:7", AT)
    assert event.facts == {"column": "phone", "purpose": "call back"}
    assert PHONE not in str(event.facts)


def test_showing_a_sealed_field_shows_a_mask() -> None:
    row = User.objects.get(pk=user("a", PHONE).pk)
    for shown in (str(row.phone), repr(row.phone), f"{row.phone}", str({"phone": row.phone})):
        assert PHONE not in shown
        assert "138****0001" in shown
    assert Event.objects.count() == 0


def test_a_cell_copied_to_another_row_does_not_open() -> None:
    thief, owner = user("thief", OTHER), user("owner", PHONE)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_user SET phone = %s WHERE id = %s", [cell("accounts_user", "phone", owner.pk), thief.pk]
        )
    copied = User.objects.get(pk=thief.pk).phone
    assert copied is not None
    with pytest.raises(InvalidTag):
        copied.open(by="operator:1", purpose="test", at=AT)


def test_a_cell_copied_to_another_column_does_not_open() -> None:
    address = Address.objects.create(
        customer=signed_up(), consignee=NAME, phone=PHONE, region="北京", street="某路1号", added_at=AT
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_address SET consignee = phone")
    with pytest.raises(InvalidTag):
        Address.objects.get(pk=address.pk).consignee.open(by="operator:1", purpose="test", at=AT)


def test_a_changed_byte_does_not_open() -> None:
    row = user("a", PHONE)
    raw = cell("accounts_user", "phone", row.pk)
    flipped = raw[:-6] + ("A" if raw[-6] != "A" else "B") + raw[-5:]
    with pytest.raises(InvalidTag):
        seals.unseal(flipped, f"accounts.user.phone:{row.seal_row}")


@pytest.mark.parametrize("text", ["", "13800000001", "../../etc/passwd.AAAA", "Seal.AAAA", ".AAAA"])
def test_what_is_no_sealed_text_is_refused_before_any_key_is_looked_for(text: str) -> None:
    with pytest.raises(ValueError, match="not a sealed text"):
        seals.unseal(text, "place")


def test_a_missing_key_is_never_made_by_reading() -> None:
    with pytest.raises(ImproperlyConfigured):
        seals.unseal("no-such-key." + base64.b64encode(bytes(40)).decode(), "place")


def test_old_values_open_after_the_key_was_changed(settings: object) -> None:
    old = user("old", PHONE)
    settings.SEAL_KEY = "seal-2"  # type: ignore[attr-defined]
    new = user("new", OTHER)
    assert cell("accounts_user", "phone", old.pk).startswith("seal-1.")
    assert cell("accounts_user", "phone", new.pk).startswith("seal-2.")
    opened = [each.phone.open(by="x", purpose="y", at=AT) for each in User.objects.order_by("id") if each.phone]
    assert opened == [PHONE, OTHER]


def test_the_blind_index_is_written_however_the_row_was_made() -> None:
    index = seals.blind_index("phone", PHONE)
    made = [
        User.objects.create(login="a", phone=PHONE),
        User(login="b"),
        User.objects.bulk_create([User(login="c", phone="13800000003")])[0],
    ]
    made[1].phone = OTHER
    made[1].save()
    assert User.objects.get(login="a").phone_index == index
    assert User.objects.get(login="b").phone_index == seals.blind_index("phone", OTHER)
    assert User.objects.get(login="c").phone_index == seals.blind_index("phone", "13800000003")


def test_a_removed_text_takes_its_index_along() -> None:
    row = user("a", PHONE)
    row.phone = None
    row.save()
    assert User.objects.values_list("phone", "phone_index").get(pk=row.pk) == (None, None)


def test_equal_phones_meet_unique() -> None:
    user("a", PHONE)
    with pytest.raises(IntegrityError):
        user("b", PHONE)


def test_an_index_of_one_kind_is_not_that_of_another() -> None:
    assert seals.blind_index("phone", PHONE) != seals.blind_index("id_number", PHONE)


def test_ways_around_the_seal_are_refused() -> None:
    row = user("a", PHONE)
    with pytest.raises(ValueError, match="plain text"):
        User.objects.filter(pk=row.pk).update(phone=OTHER)
    with pytest.raises(ValueError, match="plain text"):
        User.objects.filter(phone=PHONE).exists()


def test_a_sealed_value_is_not_handed_to_another_row() -> None:
    row = user("a", PHONE)
    with pytest.raises(ValueError, match="belongs to its row"):
        Message(phone=row.phone)


def test_a_row_saved_again_keeps_its_value() -> None:
    row = user("a", PHONE)
    row = User.objects.get(pk=row.pk)
    row.language = "en"
    row.save()
    row.refresh_from_db()
    row.save(update_fields=["phone"])
    assert row.phone is not None
    assert row.phone.open(by="x", purpose="y", at=AT) == PHONE


def test_a_deferred_value_is_fetched_and_opens() -> None:
    row = User.objects.only("login").get(pk=user("a", PHONE).pk)
    assert row.phone is not None
    assert row.phone.masked == "138****0001"


def test_the_canaries_are_in_no_dump_of_the_tables() -> None:
    """Personal facts walk through the services and are then looked for in every table, as SQL and as a fixture."""
    customer = signed_up()
    asked(customer, id_number())
    addresses.add(customer, "王小明", "13900000009", "北京市 东城区", "金丝雀胡同7号", AT)
    dump = io.StringIO()
    call_command("dumpdata", "core", "accounts", "notices", "credit", stdout=dump, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_user_tables ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall() if not name.startswith("sandbox_")]
        for table in tables:
            cursor.execute(f'SELECT coalesce(string_agg("{table}"::text, chr(10)), \'\') FROM "{table}"')
            dump.write(cursor.fetchone()[0])
    assert "seal-1." in dump.getvalue()
    for canary in (PHONE, id_number(), NAME, "1996-05-20", "王小明", "13900000009", "胡同7号"):
        assert canary not in dump.getvalue()


def test_a_short_name_shows_its_first_sign_only() -> None:
    verification = asked(signed_up())
    shown = IdentityVerification.objects.get(pk=verification.pk)
    assert shown.name.masked == "林*"
    assert shown.id_number.masked == f"110***********{id_number()[-4:]}"
