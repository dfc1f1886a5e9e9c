"""What holds whatever the missing answers are."""
