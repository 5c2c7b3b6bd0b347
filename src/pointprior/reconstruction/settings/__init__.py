"""Settings of the methods, one module per method; free of torch, so that a workflow is planned without it."""
