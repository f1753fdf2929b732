"""Published results: small bundles of what runs found, kept with the book."""
