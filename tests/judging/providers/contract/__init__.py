"""What every provider is held to, whoever it is. A new one is an entry of `entrants`."""
