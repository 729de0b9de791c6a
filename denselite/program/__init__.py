"""From a graph to NumPy calls: plan memory once, bind arrays per batch size, replay every step."""
