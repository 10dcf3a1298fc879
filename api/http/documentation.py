"""The pages that describe the API, without a byte from the internet.

FastAPI's own pages load Swagger UI from another host, which leaves them blank on a machine that has
no way out. The files come with the package fastapi-offline.
"""

from importlib.resources import files

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.requests import Request

PAGE = "/docs"
FILES = f"{PAGE}/files"


def add_documentation(app: FastAPI) -> None:
    """Serve the page and its files; the application itself offers none of FastAPI's own."""
    app.mount(FILES, StaticFiles(directory=str(files("fastapi_offline") / "static")))
    app.add_route(PAGE, _page, include_in_schema=False)


def _page(request: Request) -> HTMLResponse:
    root = request.scope.get("root_path", "")
    return get_swagger_ui_html(
        openapi_url=f"{root}{request.app.openapi_url}",
        title=request.app.title,
        swagger_js_url=f"{root}{FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{root}{FILES}/swagger-ui.css",
        swagger_favicon_url=f"{root}{FILES}/favicon.png",
        swagger_ui_parameters={"validatorUrl": None},
    )
