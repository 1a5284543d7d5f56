"""Who there is: people, service accounts, teams, their tokens, and who answers for what."""
