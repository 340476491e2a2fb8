"""The Slack channel as a web page, for people on their own machine."""

from sandbox.page.routes import page_routes
from sandbox.page.world_view import ServiceView, WorldView

__all__ = ["ServiceView", "WorldView", "page_routes"]
