"""What is wrong with a file of images, poses or density."""


class ImageError(ValueError):
    """A file of images, poses or density that cannot be used: the message names the file, the row and what to do.

    Attributes
    ----------
    image : int or None
        Place of the image in its stack (from 0 on), if one is to blame.
    """

    def __init__(self, message: str, image: int | None = None):
        super().__init__(message)
        self.image = image
