"""From a function to a graph: trace it, differentiate it, simplify what was recorded."""
