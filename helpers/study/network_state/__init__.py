"""Which state the network is in while it explains, and what of the paper follows from that."""
