"""Measurements as ratios within one run: figures in seconds say more about the machine than about the code."""
