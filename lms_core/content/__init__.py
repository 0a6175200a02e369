"""What is taught: lesson text, files and courses."""
