"""A synthetic district: invented people in realistic shapes, the same bytes for the same arguments."""
