"""Image files: read, write and check them. Knows nothing of workspaces."""
