"""Live rows as vendors read them: rendered when asked, from the same declarations that read what vendors send."""
