"""Versions of policies: their time line, what differs between two states, how the next is released."""
