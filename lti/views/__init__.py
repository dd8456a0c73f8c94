"""The addresses below /lti/: for browsers on their way to a tool, and for the tools' own programs."""
