"""Parts of the study of refusals (``igaku.studies.safety``)."""
