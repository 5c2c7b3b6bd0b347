"""Infrastructure without science: whole files, keyed random draws, devices, signals, provenance."""
