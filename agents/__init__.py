"""What we did about it: from the queue to the confirmed reply. May import `mentions`, nothing above."""
