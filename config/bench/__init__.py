"""Measures the product on the large demonstration county."""
