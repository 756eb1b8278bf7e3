from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("orders", "0001_initial")]

    operations = [
        guards.edges(
            "orders.backtest",
            [
                ("", "QUEUED"),
                ("QUEUED", "RUNNING"),
                ("RUNNING", "DONE"),
                ("RUNNING", "FAILED"),
            ],
        ),
        guards.state_machine("orders_backtest", "orders.backtest"),
        guards.edges(
            "orders.ending",
            [
                ("", "OPEN"),
                ("OPEN", "DONE"),
                ("OPEN", "WITHDRAWN"),
            ],
        ),
        guards.state_machine("orders_ending", "orders.ending"),
        guards.edges(
            "orders.order",
            [
                ("", "PLACED"),
                ("ACTIVE", "RETURNING"),
                ("APPROVED", "CANCELLED"),
                ("APPROVED", "SIGNED"),
                ("INSPECTING", "SETTLING"),
                ("PAID", "CANCELLED"),
                ("PAID", "SHIPPED"),
                ("PLACED", "APPROVED"),
                ("PLACED", "CANCELLED"),
                ("PLACED", "REFUSED"),
                ("RETURNING", "ACTIVE"),
                ("RETURNING", "INSPECTING"),
                ("RETURNING", "SETTLING"),
                ("SETTLING", "COMPLETED"),
                ("SHIPPED", "ACTIVE"),
                ("SHIPPED", "CANCELLED"),
                ("SIGNED", "CANCELLED"),
                ("SIGNED", "PAID"),
            ],
        ),
        guards.state_machine("orders_order", "orders.order"),
        guards.edges(
            "orders.riskhit",
            [
                ("", "OPEN"),
                ("OPEN", "CLEARED"),
                ("OPEN", "ENDED"),
            ],
        ),
        guards.state_machine("orders_riskhit", "orders.riskhit"),
        guards.edges(
            "orders.riskrule",
            [
                ("", "DRAFT"),
                ("DRAFT", "PUBLISHED"),
                ("PUBLISHED", "SUPERSEDED"),
            ],
        ),
        guards.state_machine("orders_riskrule", "orders.riskrule"),
    ]
