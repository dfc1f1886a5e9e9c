"""Versions of policies: their time line, what differs between two states, how the next is released.

`timeline`; `diff` of two states of a folder, and `report_diff` of two reports; `release`; `scaffold`, a
folder of one's own, and how it is brought up to date; `left_behind`, what a kill leaves of these.
"""
