"""Cases of the demonstration, played through the real actions for benchmarks."""
