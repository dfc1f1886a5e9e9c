"""What may be written, and what it means: values, conditions, facts, policy sets, reports."""
