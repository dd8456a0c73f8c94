"""LTI 1.3 and LTI Advantage as plain functions over plain values: no Django, no database, no network."""
