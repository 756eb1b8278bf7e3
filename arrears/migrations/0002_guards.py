from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("arrears", "0001_initial")]

    operations = [
        guards.edges("arrears.collectioncase", [("", "OPEN"), ("OPEN", "CLOSED")]),
        guards.state_machine("arrears_collectioncase", "arrears.collectioncase"),
        guards.edges("arrears.hardshiprequest", [("", "OPEN"), ("OPEN", "ANSWERED"), ("OPEN", "WITHDRAWN")]),
        guards.state_machine("arrears_hardshiprequest", "arrears.hardshiprequest"),
        guards.edges("arrears.paymentpromise", [("", "OPEN"), ("OPEN", "KEPT"), ("OPEN", "BROKEN")]),
        guards.state_machine("arrears_paymentpromise", "arrears.paymentpromise"),
        guards.append_only("arrears_casenote"),
    ]
