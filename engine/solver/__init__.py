"""What holds for every applicant there can be, proved; where it does not, the smallest who shows it.

    goal               what an applicant is to show: conditions and the verdicts they are to come to
    texts              values as numbers, texts too; which are plain
    applicants         applicants as the engine itself decides them
    terms              unknown numbers and truths, and the functions of derived facts on them (z3)
    given              what an applicant may give, as unknowns (z3)
    encode             a policy set as formulas (z3)
    solve              the solver, asked again until its answer is what the engine says (z3)
    narrow             one model of all there are, a choice fixed before the next (z3)
    smallest           the smallest applicant, or one near another (z3)
    pair               two applicants who differ in one fact (z3)
    one_at_a_time      one thread uses the solver, the others wait
    limits             how long may be thought, and how often asked again
    prover             the questions that are asked of one policy set
    shared_vocabulary  the given facts of two policy sets, as each of them sees them (z3)
    two_policy_sets    the questions that are asked of two policy sets (z3)

Other chapters ask by way of `prover` and `two_policy_sets`, in the words of `goal`, `applicants`, `limits`,
`condition_parts` and `worse`; recourse builds on `encode`, `given`, `narrow`, `one_at_a_time`, `solve`,
`terms` and `texts` as well. What needs z3 is imported when a question needs it. What a solver claims to have
found is believed only after the engine has decided that applicant the same way.
"""
