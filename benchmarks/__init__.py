"""Measurements, kept apart from the program and its tests."""
