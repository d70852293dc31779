"""A request that is refused, and how the answer says so."""


class RequestRefused(Exception):
    """Why a request is refused.

    Parameters
    ----------
    status : int
        Of HTTP.
    code : str
        What a program compares, such as "unknown_column".
    message : str
        What a person reads: what is allowed, what was received.
    row, column : int, str, optional
        Where.
    """

    def __init__(self, status, code, message, *, row=None, column=None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.row = row
        self.column = column

    @property
    def body(self) -> dict:
        """What the answer holds."""
        where = {"row": self.row, "column": self.column}
        where = {name: value for name, value in where.items() if value is not None}
        return {"error": {"code": self.code, "message": str(self), **where}}


def wrong_cell(code, message, row, column) -> RequestRefused:
    """Return the refusal of one cell; the message completes "row 3, column 'price': ..."."""
    text = f"row {row}, column {column!r}: {message}"
    return RequestRefused(422, code, text, row=row, column=column)
