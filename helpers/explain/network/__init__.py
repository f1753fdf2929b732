"""What the engines ask of a network: its mode, its dropout, its layout."""
