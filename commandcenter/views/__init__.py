"""The pages of walls, reports, posts and drills: who may, what was asked for, what is answered."""
