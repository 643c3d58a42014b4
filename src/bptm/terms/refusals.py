"""A *no*: every unmet condition at once, each with what was found, what it needs and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """One condition that does not hold."""

    element: str
    """The thing judged, in the words of the field."""
    found: str
    """The value seen, with its unit."""
    needs: str
    """The limit, with its unit."""
    remedy: str
    """What a person can do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A refusal. `unmet` is never empty."""

    unmet: tuple[Unmet, ...]

    def sentence(self) -> str:
        """The whole refusal as text for a person."""
        return " ".join(f"{u.element}: found {u.found}, needs {u.needs}. {u.remedy}" for u in self.unmet)
