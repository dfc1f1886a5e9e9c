"""What policies can be warned of though they can be used: one check a module, named after its code.

A module has the `CODE` of its diagnostics, a function `check` from a Subject to them, and a docstring
that explains the code to an advisor, with an example that fails and one that passes.
"""
