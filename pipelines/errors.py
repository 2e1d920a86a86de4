"""The one base of errors that a user can mend. The command line prints them without a traceback."""


class UserError(Exception):
    """Something a user wrote or pointed at is wrong; the message names it and says how to mend it."""
