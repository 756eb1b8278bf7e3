"""Model fields that carry a rule of the kernel."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django_fsm import FSMField

from core import money, seals


class MoneyField(models.DecimalField):  # type: ignore[type-arg]
    """Yuan. The column is an unbounded numeric, so that a third place meets the CHECK instead of being rounded."""

    default_validators = [MinValueValidator(Decimal(0))]  # forms name the field before the CHECK refuses

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(max_digits=14, decimal_places=2)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs

    def db_type(self, connection: Any) -> str:
        return "numeric"

    def db_check(self, connection: Any) -> str:
        column = connection.ops.quote_name(self.column)
        return f"{column} >= 0 AND {column} < {money.LARGEST} AND {column} = round({column}, 2)"

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return money.exact(value)


class RateField(models.DecimalField):  # type: ignore[type-arg]
    """A share such as 0.0003; its period stands in the field's name (`fee_rate_daily`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(max_digits=12, decimal_places=8)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs


class StateField(FSMField):
    """A state, changed by transitions only. Migrations see a CharField: models of the past take no transitions, and
    the search for them at each of the thousands of times that `migrate` renders a model took half of its time.

    `also`: states in which a row may be born beside the default one."""

    def __init__(self, *args: Any, also: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.also = tuple(also)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("protected", None)
        return name, "django.db.models.CharField", args, kwargs


class _Cipher(str):
    """A text as it stands in the column."""

    __slots__ = ()


class _Plain(str):
    """A text that was assigned and is sealed when the row is saved."""

    __slots__ = ()


class Sealed:
    """What reading a sealed field gives: shows only a mask until someone opens it, and that is logged."""

    def __init__(self, field: "SealedField", row: models.Model, raw: str) -> None:
        self._field, self._row, self._raw = field, row, raw

    def __repr__(self) -> str:
        return f"<sealed {self.masked}>"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self._plain() == other._plain()

    def __hash__(self) -> int:
        return hash(self._plain())

    @property
    def place(self) -> str:
        return self._field.place(self._row)

    @property
    def masked(self) -> str:
        """For screens: enough to recognise one's own, not enough to use."""
        return self._field.mask(self._plain())

    def matches(self, index: str) -> bool:
        """Whether `index` is the blind index of this text. It shows nothing, so it is no event."""
        return seals.blind_index(self._field.kind, self._plain()) == index

    def open(self, *, by: str, purpose: str, at: datetime) -> str:
        """The plain text, for a named actor and purpose; the unsealing is an event."""
        from core.services import events

        events.record("unsealed", self._row, at=at, actor=by, facts={"column": self._field.attname, "purpose": purpose})
        return self._plain()

    def _plain(self) -> str:
        if isinstance(self._raw, _Plain):
            return str(self._raw)
        return seals.unseal(self._raw, self.place)

    @staticmethod
    def open_all(cells: "Sequence[Sealed]", purposes: Sequence[str], *, by: str, at: datetime) -> list[str]:
        """Many at once, as `open`, each for its purpose: an event for each, written together."""
        from core.services import events

        subjects = [cell._row for cell in cells]
        facts = [{"column": c._field.attname, "purpose": why} for c, why in zip(cells, purposes, strict=True)]
        events.record_all("unsealed", subjects, facts, at=at, actor=by)
        return [cell._plain() for cell in cells]


class _SealedAttribute(DeferredAttribute):
    field: "SealedField"

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        raw = super().__get__(instance, cls)
        return Sealed(self.field, instance, raw) if instance is not None and raw else raw

    def __set__(self, instance: models.Model, value: Any) -> None:
        if isinstance(value, Sealed):
            value = self._own(instance, value)
        elif isinstance(value, str) and value and not isinstance(value, _Cipher):
            value = _Plain(value)
        instance.__dict__[self.field.attname] = value
        if not isinstance(value, _Cipher):
            self.field.write_index(instance)

    def _own(self, instance: models.Model, value: Sealed) -> str:
        """The raw text of a value of this very cell; another cell's would never open again."""
        if value.place != self.field.place(instance):
            raise ValueError(f"{self.field.name}: a sealed value belongs to its row; open it to copy it")
        return value._raw


def mask_middle(value: str) -> str:
    """138****0000; shorter values keep their ends only."""
    if len(value) <= 4:
        return value[:1] + "*" * (len(value) - 1)
    head, tail = (3, 4) if len(value) > 8 else (1, 1)
    return value[:head] + "*" * (len(value) - head - tail) + value[-tail:]


def mask_email(value: str) -> str:
    """w***@example.com: the box is hidden, the house it is at is not."""
    box, at, house = value.rpartition("@")
    return f"{box[:1]}***{at}{house}"


class SealedField(models.TextField):  # type: ignore[type-arg]
    """A text sealed at rest. The model has a `seal_row` UUID; `index` names the column of its blind index.

    The index column stands below this field in the model, and both are named in `save(update_fields=…)`.
    """

    descriptor_class = _SealedAttribute

    def __init__(
        self, *args: Any, kind: str = "", index: str = "", mask: Callable[[str], str] = mask_middle, **kwargs: Any
    ) -> None:
        self.kind, self.index, self.mask = kind, index, mask
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def place(self, row: models.Model) -> str:
        """Row and column, the associated data of the seal."""
        return self._place(cast("Any", row).seal_row)

    def _place(self, seal_row: UUID) -> str:
        return f"{self.model._meta.label_lower}.{self.attname}:{seal_row}"

    def seal(self, plain: str, seal_row: UUID) -> str:
        """As it would stand in this column of that row, for who writes rows by SQL."""
        return seals.seal(plain, self._place(seal_row))

    def write_index(self, row: models.Model) -> None:
        """Set the blind index to that of the text just assigned; none for no text."""
        if self.index:
            raw = row.__dict__.get(self.attname)
            row.__dict__[self.index] = seals.blind_index(self.kind, raw) if raw else None

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return _Cipher(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, str) and value and not isinstance(value, _Cipher):
            raise ValueError(f"{self.name} would be stored in plain text")  # bulk_create and update() come this way
        return value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        raw = model_instance.__dict__.get(self.attname)
        if isinstance(raw, _Plain):
            self.write_index(model_instance)  # the constructor may have put the column's default over it
            raw = _Cipher(seals.seal(raw, self.place(model_instance)))
            model_instance.__dict__[self.attname] = raw
        return raw


def exact_sum(field: str, **filters: Any) -> Any:
    """Σ of a money column as an aggregate, 0.00 for no rows."""
    from django.db.models import Q, Sum, Value
    from django.db.models.functions import Coalesce

    return Coalesce(
        Sum(field, filter=Q(**filters) if filters else None), Value(Decimal("0.00")), output_field=MoneyField()
    )
