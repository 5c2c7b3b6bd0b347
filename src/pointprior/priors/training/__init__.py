"""Training a prior: the plan, its batches, the loop, checkpoints, and a record of the progress."""
