"""The engine for MLPs: exact sums over the gates of the hidden layer."""
