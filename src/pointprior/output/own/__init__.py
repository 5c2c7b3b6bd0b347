"""What comes of one's own data: models, maps, views, poses, and a page that says how far to trust them."""
