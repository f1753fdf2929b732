"""Where artefacts live on disk: paths, atomic writes, freshness, provenance."""

# Files are carried about here, whatever is in them.
DECIDES_NO_NUMBER = True
