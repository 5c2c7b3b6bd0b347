"""Training a prior: the plan, its batches, the loop, checkpoints, and progress."""
