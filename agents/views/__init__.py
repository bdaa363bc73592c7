"""The pages and deeds of the console: who may, what was sent, what is answered. What they do is decided elsewhere."""
