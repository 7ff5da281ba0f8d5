"""Work done after the request: leased rows, retries, dead list, cron."""
