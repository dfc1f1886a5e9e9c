"""A version, released: its number raised, the former one archived, its digest locked. All of it, or nothing.

A side tool: it reads a policy folder as every command does, and is the only one that writes to it.
"""
