"""Where things lie. Everything that a run makes is under `.venv` and `var`, neither of them in git."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
LOGS = VAR / "logs"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"


def is_root() -> bool:
    return os.geteuid() == 0
