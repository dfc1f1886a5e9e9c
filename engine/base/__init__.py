"""What knows no policies: strict readers, places in files, diagnostics, frozen records, atomic writes.

`record` makes the frozen dataclasses of all chapters; `read` (with `Document` and `PolicyFile`) reads
files and `strict_table` tables, `plain_text` and `numbers` are how texts and numbers are taken in;
`diagnostic`, `diagnostics` and `diagnostic_text` are problems, how they are gathered and how they read,
`quick_fixes` and `narrow_location` what would mend them and the very words. Small: `atomic_write`,
`counted`, `dates`, `held_file`, `os_user`, `sentence`, `toposort`, `version`.
"""
