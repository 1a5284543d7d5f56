"""What each page shows, gathered from the rooms below as values for its template. Nothing here decides or changes."""
