"""What is wrong with a file of images, poses or density."""


class ImageError(ValueError):
    """A file of images, poses or density that cannot be used: the message names the file, the row and what to do."""
