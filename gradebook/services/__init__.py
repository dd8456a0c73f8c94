"""One verb for each act on the grade book, each in one transaction. What calls them decides who may."""
