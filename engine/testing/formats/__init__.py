"""The forms in which results are written: `render(results, verbose) -> text`, one a module."""
