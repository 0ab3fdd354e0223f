"""The transfer of a ticket's files: download, upload, resume, safe file names."""
