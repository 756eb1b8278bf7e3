"""The fields of a step's form, as JSON: what there is to fill in, and what was filled in, checked before the form."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from api.problems import Errors, Problem
from orders import actions

KINDS: tuple[tuple[type[forms.Field], str, type], ...] = (  # the first that fits; a decimal is told as a string
    (forms.BooleanField, "boolean", bool),
    (forms.DecimalField, "decimal", str),
    (forms.IntegerField, "integer", int),
    (forms.ChoiceField, "choice", str),
    (forms.CharField, "string", str),
)


def asked(action: actions.Action) -> list[dict[str, Any]]:
    """What the step asks for, in the order of its form."""
    return [
        {
            "name": name,
            "label": str(field.label or ""),
            "help": str(field.help_text),
            "type": _kind(field)[0],
            "required": field.required,
            "longest": getattr(field, "max_length", None),
            "choices": _choices(field),
        }
        for name, field in action.form().fields.items()
    ]


def filled(action: actions.Action, given: dict[str, Any]) -> forms.Form:
    """The form with what was sent, found good. Problem 422: unknown fields, wrong types, what the form refuses."""
    form = action.form(given)
    wrong = _misfits(form, given)
    if wrong:
        raise Problem(422, "fields_invalid", _("Some fields are wrong."), wrong)
    if not form.is_valid():
        raise Problem(422, "fields_invalid", _("Some fields are wrong."), told(form))
    return form


def told(form: forms.Form) -> Errors:
    """The errors of a form by field; "" for the whole."""
    return {
        "" if name == "__all__" else name: [{"code": one["code"], "message": one["message"]} for one in found]
        for name, found in form.errors.get_json_data().items()
    }


def _misfits(form: forms.Form, given: dict[str, Any]) -> Errors:
    wrong: Errors = {}
    for name, value in given.items():
        field = form.fields.get(name)
        if field is None:
            wrong[name] = [{"code": "unknown", "message": _("There is no such field.")}]
        elif type(value) is not _kind(field)[1]:
            said = _("This must be of the type %(type)s.") % {"type": _kind(field)[0]}
            wrong[name] = [{"code": "type", "message": said}]
    return wrong


def _kind(field: forms.Field) -> tuple[str, type]:
    return next((word, json) for kind, word, json in KINDS if isinstance(field, kind))


def _choices(field: forms.Field) -> list[dict[str, str]] | None:
    if not isinstance(field, forms.ChoiceField):
        return None
    choices: Any = field.choices
    return [{"value": str(value), "label": str(label)} for value, label in choices if value != ""]
