"""The report page: sections, figures and template. Imported by the stage report."""
