"""Which facts to ask an applicant for, in which order, and the asking itself: a side tool."""
