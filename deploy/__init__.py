"""Scripts around the application: setting up, testing, demonstrating and serving it. Standard library only."""
