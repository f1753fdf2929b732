"""The engine of a run: steps, freshness, scheduling. It knows no step of the study."""
