"""What a store says of itself."""
