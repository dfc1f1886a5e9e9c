"""A policy folder becomes the policy set of a day: read, checked for shape, parsed, resolved, cached."""
