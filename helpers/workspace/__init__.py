"""Where artefacts live on disk: paths, atomic writes, freshness, provenance."""
