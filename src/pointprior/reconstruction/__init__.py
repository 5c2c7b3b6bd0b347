"""From measurements to samples: posterior samplers, and baselines without a prior."""
