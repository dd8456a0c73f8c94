"""The Message Center: what processes have to tell the data office, and what its people announce to each other."""
