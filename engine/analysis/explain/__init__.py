"""Why an item is there, why another is not, and from which facts: a side tool over an applicant's case."""
