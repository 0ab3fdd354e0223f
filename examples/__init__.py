"""Examples of the client. Run them from the top of the repository."""
