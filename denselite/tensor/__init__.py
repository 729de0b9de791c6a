"""What values are: symbols, variables, dtypes, seeds, and the table that NumPy calls go through."""
