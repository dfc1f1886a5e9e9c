"""What may be written, and what it means: values, conditions, facts, policy sets, reports.

`model` is what was written, `policy_set` what is in force, `facts` an applicant (`facts_table`: many),
`report` the advice. `conditions`, `functions`, `operators`, `tables`, `values` and `domain` are the meaning;
`dependencies` is what rests on what; `field_words` are the words and formats of a field; `templates`,
`condition_text` and `citation` are texts; `new_names` tells where a new name is declared, `rule_names` which
rule is meant.
"""
