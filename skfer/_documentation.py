"""Where the pages about skfer's estimators are."""

PAGES = "https://skfer.readthedocs.io/en/stable/reference/generated/"


class DocumentationLink:
    """Let the diagram of an estimator link to skfer's page about it.

    scikit-learn reads these attributes. The name of the class fills in the template.
    """

    _doc_link_module = "skfer"
    _doc_link_template = PAGES + "{estimator_module}.{estimator_name}.html"
