"""Images of a specimen with their poses, maps and parts: files of the field in, points in ångströms out."""
