"""The steps that a model's transitions declare: the one source of the edge table and of the drawn diagram."""

from django.apps import apps
from django.db import models

from core.fields import StateField


def machines() -> dict[str, type[models.Model]]:
    """Every model with a state field named `state`, by its label."""
    return {
        model._meta.label_lower: model
        for model in apps.get_models()
        if any(isinstance(field, StateField) for field in model._meta.get_fields())
    }


def steps(model: type[models.Model]) -> set[tuple[str, str]]:
    """(source, target) of every transition, and ("", default) for each birth."""
    field = model._meta.get_field("state")
    assert isinstance(field, StateField)
    found = {("", str(state)) for state in (field.default, *field.also)}
    for transition in field.get_all_transitions(model):
        found.add((str(transition.source), str(transition.target)))
    return found


def names(model: type[models.Model]) -> dict[tuple[str, str], str]:
    """The verb of each step."""
    field = model._meta.get_field("state")
    assert isinstance(field, StateField)
    return {(str(t.source), str(t.target)): str(t.name) for t in field.get_all_transitions(model)}
