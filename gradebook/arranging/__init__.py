"""How courses are graded, as the data office arranges it: grading tasks, their windows, scales, mandated options."""
