"""What every room needs and no science is in: whole files, keyed random draws, devices, signals, provenance."""
