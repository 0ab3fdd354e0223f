"""Programs that show the client at work; run them from the top of the repository."""
