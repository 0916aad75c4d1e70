"""Messages to people: email through the job queue."""
