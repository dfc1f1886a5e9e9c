"""Questions about one report or one policy set: why, what if, what next, how certain, what is there.

`session` is an applicant on a folder, with the complete report. A package a question, whose `view` tells
the answer: `ask`, `catalogue`, `certainty`, `explain`, `recourse`, `what_if`.
"""
