"""A whole class: where its papers come from, whose they are, their grades, and the files that other systems take."""
