"""The administrator's desk: units and people, calendar, imports, what is ill."""
