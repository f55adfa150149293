"""What developers run beside the product: `python -m tools.<name>`."""
