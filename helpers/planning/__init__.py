"""What a run will take: the size of the data, the work, and this machine's speed."""
