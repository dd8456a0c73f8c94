"""What the portal does by itself: rows in the database say what, a worker that holds their lock does it.

Messages only ring. A run is a row; whoever holds the job's lock in PostgreSQL may work on it, and a lock ends with the
process that held it, so a dead worker is noticed by the next bell. See docs/decisions/0006-jobs.md.
"""
