"""Sample data in bulk, for measuring: invented, marked as sample, the same for the same size, seed and day."""
