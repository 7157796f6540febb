"""The subcommands of `lookout`, a module each, imported when called (see `alerts.cli`)."""
