"""Facts and a policy set become a report: derived, decided twice, ranked, written."""
