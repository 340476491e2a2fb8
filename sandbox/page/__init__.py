"""The Slack channel as a web page, for people on their own machine."""

from sandbox.page.page_routes import page_routes
from sandbox.page.page_world import ServiceView, WorldView

__all__ = ["ServiceView", "WorldView", "page_routes"]
