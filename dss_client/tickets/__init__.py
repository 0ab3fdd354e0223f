"""The steps of one ticket: check the workspace, submit, wait, set the status."""
