"""What a notebook says and links that is executed by itself, outside of the book."""
