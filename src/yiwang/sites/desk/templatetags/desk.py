"""Tags of the desk's own pages."""

from django import template

from yiwang.sites.desk.views.filling import Filling

register = template.Library()


@register.simple_tag
def url_of(filling: Filling, step: str) -> str:
    """Address of one page of a form being filled in."""
    return filling.address(step)
