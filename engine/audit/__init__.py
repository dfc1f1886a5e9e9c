"""What was said to whom, on which rules: an audit file that only grows, and shows when it was altered.

A side tool: it takes finished reports and keeps them.

`file` is the open file, on its `database`, `forms` what its cells may hold; `recording`, `outcomes` and
`sign` write to it, `search`, `recipients`, `replay`, `today` and `verify` (with `verify_tables`) ask it,
`view` and `recipients_view` tell the answers.
"""
