"""The access log, handed on to a log server by syslog."""
