"""Files on their way to and from a ticket: download, upload, resume, safe names."""
