"""What stands in the policies: rules and sources listed, the whole guidance, what is due for review."""
