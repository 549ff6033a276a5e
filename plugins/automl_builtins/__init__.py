"""The built-in plugins: they import only `automl.plugin_api` and their own libraries."""
