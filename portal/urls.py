"""Every address of the portal, one room of pages after another."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from portal import health, telemetry
from portal.api.urls import api
from portal.views import (
    asking,
    auditing,
    dashboards,
    datasets,
    holdings,
    home,
    inbox,
    lineage,
    mailbox,
    search,
    session,
    stewarding,
    style,
    workbench,
)

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.errors.broken"

urlpatterns = [
    path("healthz", login_not_required(health.alive), name="healthz"),
    path("readyz", login_not_required(health.ready), name="readyz"),
    path("metrics", login_not_required(telemetry.metrics), name="metrics"),
    path("api/v1/", api.urls),
    # Who is here
    path("sign-in/", session.sign_in, name="sign-in"),
    path("sign-out/", session.sign_out, name="sign-out"),
    path("theme/", session.theme, name="theme"),
    path("style/", style.style, name="style"),
    # Finding. A dataset's name may hold anything its engine allows, so the longer addresses come first.
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("search/palette/", search.palette, name="palette"),
    path("datasets/<path:name>/lineage/", lineage.lineage, name="lineage"),
    path("datasets/<path:name>/history/", datasets.history, name="history"),
    path("datasets/<path:name>/describe/", datasets.describe, name="describe"),
    path("datasets/<path:name>/release/", datasets.release, name="release"),
    path("datasets/<path:name>/deprecate/", datasets.deprecate, name="deprecate"),
    path("datasets/<path:name>/undeprecate/", datasets.undeprecate, name="undeprecate"),
    path("datasets/<path:name>/request/", asking.ask, name="request-access"),
    path("datasets/<path:name>/", datasets.dataset, name="dataset"),
    # Asking, deciding, holding
    path("requests/<int:pk>/", asking.one, name="request"),
    path("requests/<int:pk>/withdraw/", asking.withdraw, name="withdraw-request"),
    path("requests/<int:pk>/decision/", inbox.decide, name="decide-request"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("access/", holdings.my_access, name="my-access"),
    path("grants/<int:pk>/renew/", holdings.renew, name="renew-grant"),
    path("grants/<int:pk>/return/", holdings.give_back, name="return-grant"),
    path("grants/<int:pk>/restore/", holdings.restore, name="restore-grant"),
    path("grants/<int:pk>/revoke/", stewarding.revoke, name="revoke-grant"),
    path("my-data/", stewarding.my_data, name="my-data"),
    # Reading
    path("dashboards/", dashboards.gallery, name="dashboards"),
    path("dashboards/<slug:name>/", dashboards.dashboard, name="dashboard"),
    path("dashboards/<slug:name>/pin/", dashboards.pin, name="dashboard-pin"),
    path("dashboards/<slug:name>/tiles/<str:tile_name>/", dashboards.tile, name="dashboard-tile"),
    path("workbench/", workbench.workbench, name="workbench"),
    path("workbench/run/", workbench.run, name="workbench-run"),
    # Overseeing
    path("audit/", auditing.audit, name="audit"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
]
