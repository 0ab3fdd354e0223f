"""Image files: reading, writing and checking, independent of workspaces."""
