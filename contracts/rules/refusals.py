"""Why terms make no agreement."""


class MissingTerm(ValueError):
    """A term that the agreement must state is absent or blank; `term` is its dotted name."""

    def __init__(self, term: str) -> None:
        super().__init__(f"the agreement does not state {term}")
        self.term = term


class InconsistentTerms(ValueError):
    """Two terms contradict each other, or one has no sense; `term` is the dotted name of the one that is wrong."""

    def __init__(self, term: str, why: str) -> None:
        super().__init__(f"{term}: {why}")
        self.term = term
