"""Backups of the database: one encrypted file each, proven by restoring it.

Without DATABASE_URL the same works with the embedded server. Keys are not in a backup, on purpose: a file that lies
beside its keys is not protected.
"""
