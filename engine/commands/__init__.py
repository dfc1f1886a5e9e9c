"""The verbs of the `advise` command, one a file; each is imported when it is used. `main` finds the verb.

`entry` is the program as a process.
"""
