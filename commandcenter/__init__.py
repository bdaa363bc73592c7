"""What the room sees: walls, reports and the figures on them. May import `agents` and `mentions`."""
