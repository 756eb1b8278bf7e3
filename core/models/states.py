from django.db import models


class StateEdge(models.Model):
    """One allowed step of a state machine. A trigger on the machine's table refuses every other step, raw SQL's too.

    `source` is empty for the state in which a row may be born.
    """

    machine = models.CharField(max_length=60)
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["machine", "source", "target"], name="core_state_edge_once")]

    def __str__(self) -> str:
        return f"{self.machine}: {self.source or '·'} → {self.target}"
