"""From measurements to models: posterior samplers, and baselines without a prior."""
