"""What people open: models, maps, scripts of viewers, figures, published tables."""
