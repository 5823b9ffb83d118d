import pytest
from core import access, export_lines, resources
from core.export_lines import by_python
from core.exports import Export, snapshot
from tests.factories import BY_RESOURCE

def both(slug, headers):
    resource = resources.get(slug)
    def export(): return Export(resource, resource.ordered(resource.all(access.SYSTEM, "export")), access.SYSTEM, resource.columns.listed(), headers)
    with snapshot():
        from unittest import mock
        with mock.patch.object(export_lines, "by_python"):
            return b"".join(d for d,_ in export_lines.portions(export())), b"".join(d for d,_ in by_python(export()))

@pytest.mark.parametrize("headers", ["labels", "codes"])
@pytest.mark.parametrize("slug", sorted(BY_RESOURCE))
def test_x(db, slug, headers):
    if slug not in resources.everything(): pytest.skip()
    BY_RESOURCE[slug]()
    a,b=both(slug,headers)
    assert a.decode()==b.decode()
