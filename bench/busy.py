"""Counts for ever, as nice as a refresh: what vendors feel of any work that takes a whole processor."""

from interop.priority import give_way

if __name__ == "__main__":
    give_way()
    while True:
        pass
