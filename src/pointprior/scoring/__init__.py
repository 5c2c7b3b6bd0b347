"""How good models are: alignment, metrics, calibration, summaries."""
