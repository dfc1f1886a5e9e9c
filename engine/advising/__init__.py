"""Facts and a policy set become a report: derived, decided twice, ranked, written.

`advisor` is the whole way: an `Advisor` makes a `Case`. Its steps serve what asks for less than a report:
`derive`, `decide`, `exclusive`, `precedence`, `items`, `missing_facts`, `freshness`.
"""
