"""What would change if facts were otherwise, and which change would bring something about: side tools."""
