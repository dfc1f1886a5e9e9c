"""What holds for every applicant there can be, proved; where it does not, the smallest who shows it.

    goal        what an applicant is to show, as a value: conditions and the verdicts they are to come to
    scale       the possible values of a fact as whole numbers
    applicants  applicants as the engine itself decides them; facts files
    onefact     exact answers where one fact decides, by trying each value that can matter
    terms       unknown numbers and truths, and the functions of derived facts on them (z3)
    encode      a policy set as formulas (z3)
    solve       the solver, asked again until its answer is what the engine says
    narrow      one model of all there are, a choice fixed before the next
    smallest    the smallest applicant
    prover      the questions that checks ask
    view        the given facts of two policy sets, as each of them sees them
    sides       the questions that a comparison of two policy sets asks

Only `terms`, `encode`, `solve`, `narrow`, `smallest`, `view` and `sides` need z3, and they are imported when
a question needs them. What a solver claims to have found is believed only after the engine has decided that
applicant the same way.
"""
