"""What is read from files people upload."""
