"""The least changes that bring something about, or why there are none."""
