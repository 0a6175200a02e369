"""What can be known of the image and the compose file without building them."""
