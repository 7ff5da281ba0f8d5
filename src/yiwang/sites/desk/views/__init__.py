"""Views of the desk: GET asks queries, POST calls exactly one kernel action."""
