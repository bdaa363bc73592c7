"""Static files under hashed names, modules that import each other included, so that an upgrade mixes no versions."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Whitenoise's storage, which also rewrites the imports inside our own modules."""

    support_js_module_import_aggregation = True
