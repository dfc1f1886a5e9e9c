"""durable-rules, driven by the one protocol that it survives."""
