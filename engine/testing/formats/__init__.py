"""The forms in which results are told: `render(results, verbose) -> text`, one a module."""
