"""A policy folder becomes the policy set of a day: read, checked for shape, parsed, resolved, cached.

`load` is the way in. `folder`, `lockfile` and `read_folder` are its first steps: `layout` says which file is
what, `not_read` what is left lying. `resolve` makes the set of a day, `versions_in_force` is the choice of
it, `as_if_released` a folder under edit as its tests see it, `former_names` what rules were called;
`editor_schema` and `facts_schema` are written from it, `shape` is held against `schemas/`, `policy_cache`
keeps it, `git_attributes` its line endings. `table_file` reads rows of decision tables in files of their own.
`monotonicity`, `resolve_derivations`, `resolve_advice` and `scope` say what is known where, `parameter_facts`
what a parameter is as a fact.
"""
