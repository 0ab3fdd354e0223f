"""The work on one ticket: submit it, check its workspace, wait for it, set its status."""
