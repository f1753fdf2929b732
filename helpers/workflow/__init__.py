"""The engine of a run: steps, freshness, scheduling. It knows no step of the study."""

# What makes what, and in which order, decides none of the numbers.
DECIDES_NO_NUMBER = True
