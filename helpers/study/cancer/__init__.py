"""Normal against cancer: differing genes, tumours' top genes, shared genes."""
