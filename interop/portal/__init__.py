"""The foreground portal behind `make run`: first preparations and the supervision of its programs."""
