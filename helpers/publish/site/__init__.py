"""What makes pages a site: how they are laid out, what a reader downloads, what links show."""
