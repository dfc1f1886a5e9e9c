"""Policy tests: facts in, expectations on the report out, for advisors to write beside their policies.

A side tool: it takes what the main job makes and changes nothing of it. `read` finds the tests,
`expectations` holds what they name against the policies and `rule_names` says what became of a rule that is
not there, `early` which test is for a day before an edit counts; `run` runs them, `compare` says what is not
as expected, and why. `untested`, `coverage`, `mutate` and `suggest` say how good the tests are, and what is
missing; `results` are told in `formats`.
"""

from engine.testing.read import PolicyTest
from engine.testing.run import PolicyTestOutcome, PolicyTests

__all__ = ["PolicyTest", "PolicyTestOutcome", "PolicyTests"]
