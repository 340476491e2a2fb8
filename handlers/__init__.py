"""One verb, one file, one Lambda; what they share is in `domain`, `slack` and `gateways`."""
