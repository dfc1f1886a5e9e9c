"""Two states of a policy folder, compared by what they mean: for its rules, and for the people of a cohort.

A side tool: it reads policy sets and reports, and makes nothing that they rest on.
"""
