"""Applications, their connections and the connections' credentials."""
