"""What knows no policies: strict readers, places in files, diagnostics, frozen records, atomic writes."""
