"""The set-up pages: what an administrator connects, decides and changes, each change with its history.

`frame` is what every page has; each other module is one part of the house.
"""
