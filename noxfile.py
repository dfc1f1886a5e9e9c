"""Everything that must pass: `nox`. One session a concern; tests run on each Python that is found."""

import nox

nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


@nox.session
def lint(session: nox.Session) -> None:
    """Formatting and lint."""
    session.install("ruff>=0.9,<1")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Strict types."""
    session.install("-e", ".[lint]")
    session.run("mypy")


@nox.session
def policies(session: nox.Session) -> None:
    """The shipped policies, as an advisor checks and tests them."""
    session.install("-e", ".")
    session.run("advise", "check")
    session.run("advise", "test", "--coverage", "--mutate", "--threshold", "95")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests, on each Python found; durable-rules takes part up to 3.12."""
    session.install("-e", ".[test]")
    session.run("pytest", *session.posargs)
