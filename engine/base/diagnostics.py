"""The problems found in a piece of work, gathered from all its stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Final

from engine.base.diagnostic import NO_FIX, Diagnostic, InvalidInput, Location, Place, QuickFix, in_order
from engine.base.narrow_location import narrow_locations
from engine.base.record import replace

MOST_EXPLAINED: Final = 300
"""With so many problems, what may have been meant is looked for: it takes its time for thousands."""


class Diagnostics:
    """A collector that is passed down: each stage adds what it finds, and goes on.

    As a context it raises InvalidInput at its end where there is anything, with what an InvalidInput raised
    within holds. `contents` are the files that places are narrowed in, by their paths; `folder` is what paths
    lead from, to be shown as they lead from the working folder.
    """

    def __init__(self, *, contents: Mapping[str, bytes] | None = None, folder: Path | None = None) -> None:
        self._diagnostics: list[Diagnostic] = []
        self._contents, self._folder = contents or {}, folder

    def error(
        self,
        code: str,
        message: str,
        at: Place,
        help: str | None = None,
        *,
        fix: QuickFix = NO_FIX,
        line_text: str | None = None,
        witness: str | None = None,
    ) -> None:
        """Adds an error."""
        self._diagnostics.append(Diagnostic(code, message, at, help, "error", line_text, (), witness, *fix))

    def near(self, known: Iterable[str]) -> Iterable[str]:
        """The names of which a misspelt one may be meant; none any more where there are many problems."""
        return known if len(self._diagnostics) < MOST_EXPLAINED else ()

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Adds diagnostics made elsewhere."""
        self._diagnostics.extend(diagnostics)

    @contextmanager
    def absorb(self) -> Iterator[None]:
        """Adds what an InvalidInput raised within holds; the work goes on after it."""
        try:
            yield
        except InvalidInput as invalid:
            self.extend(invalid.diagnostics)

    def __len__(self) -> int:
        return len(self._diagnostics)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._diagnostics)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All of them, narrowed, as seen from the working folder, sorted by place, each once."""
        narrowed = narrow_locations(self._diagnostics, self._contents)
        folder = self._folder
        return in_order(narrowed if folder is None else (relocated(each, folder) for each in narrowed))

    def __enter__(self) -> Diagnostics:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, InvalidInput):
            self.extend(error.diagnostics)
        elif error is not None:
            return
        if self._diagnostics:
            raise InvalidInput(self.sorted()) from None


def gathered(problems: Diagnostics | None) -> AbstractContextManager[Diagnostics]:
    """The collector that is given, else one of its own, which raises InvalidInput at its end."""
    return Diagnostics() if problems is None else nullcontext(problems)


def relocated(diagnostic: Diagnostic, folder: Path) -> Diagnostic:
    """A diagnostic whose paths lead from a folder, with paths that lead from where that is looked at."""

    def path(at: Location) -> Location:
        return replace(at, path=(folder / at.path).as_posix())

    at = path(diagnostic.at) if isinstance(diagnostic.at, Location) else diagnostic.at
    related = tuple(replace(other, at=path(other.at)) for other in diagnostic.related)
    return replace(diagnostic, at=at, related=related)
