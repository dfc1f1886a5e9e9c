"""A guidance folder of one's own: made from what Advise ships, or empty, and later brought up to date.

`create` makes it, `update` brings it up to date, `merge` joins three texts by lines, `shipped` is what
there is to copy; `files` holds what every such folder has besides policies, and the skeleton of an empty one.
"""
