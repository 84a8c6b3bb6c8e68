"""The spec file: YAML to a frozen description, every problem of the file found in one reading."""
