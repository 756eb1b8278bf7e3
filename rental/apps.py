from django.apps import AppConfig


class RentalConfig(AppConfig):
    """Wires the house: settings, urls, celery, routes and the commands that need every room."""

    name = "rental"

    def ready(self) -> None:
        from rental import checks  # noqa: F401 - registers itself
