"""A run as a research object: an RO-Crate and a CODECHECK manifest, and the check of one."""
