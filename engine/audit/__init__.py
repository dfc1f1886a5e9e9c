"""What was said to whom, on which rules: an audit file that only grows, and shows when it was altered.

A side tool: it takes finished reports and keeps them.
"""
