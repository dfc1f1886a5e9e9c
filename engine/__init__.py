"""Advise: dated guidance as rules, fired against one applicant's facts."""
