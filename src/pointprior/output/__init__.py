"""What people open: models, maps, viewer scripts, figures, published tables."""
