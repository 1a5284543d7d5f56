"""Every address of the portal, one room of pages after another."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from portal import health, telemetry
from portal.api.urls import api
from portal.views import (
    asking,
    auditing,
    dashboards,
    datasets,
    delegating,
    delivering,
    emergencies,
    explaining,
    holdings,
    home,
    inbox,
    lineage,
    linking,
    noticing,
    preferring,
    questioning,
    reviewing,
    ruling,
    search,
    seeing,
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
    path("datasets/<path:name>/as/", seeing.view_as, name="view-as"),
    path("datasets/<path:name>/request/", asking.ask, name="request-access"),
    path("datasets/<path:name>/rules/", ruling.rules, name="rules"),
    path("datasets/<path:name>/steward/", ruling.take, name="take-dataset"),
    path("datasets/<path:name>/emergency/", emergencies.break_glass, name="break-glass"),
    path("datasets/<path:name>/", datasets.dataset, name="dataset"),
    # Asking, deciding, holding
    path("requests/<int:pk>/", asking.one, name="request"),
    path("requests/<int:pk>/withdraw/", asking.withdraw, name="withdraw-request"),
    path("requests/<int:pk>/preview/", seeing.preview, name="preview-request"),
    path("requests/<int:pk>/decision/", inbox.decide, name="decide-request"),
    path("requests/<int:pk>/question/", questioning.ask_back, name="ask-back"),
    path("questions/<int:pk>/answer/", questioning.answer, name="answer-question"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/decisions/", inbox.decide_several, name="decide-several"),
    path("delegations/", delegating.delegations, name="delegations"),
    path("delegations/<int:pk>/end/", delegating.end, name="end-delegation"),
    path("emergencies/", emergencies.listing, name="emergencies"),
    path("emergencies/<int:pk>/", emergencies.one, name="emergency"),
    path("unowned/", ruling.unowned, name="unowned"),
    path("rules/", ruling.places, name="rules-by-place"),
    path("rules/domains/<slug:name>/", ruling.domain_rules, name="domain-rules"),
    path("rules/sensitivities/<slug:level>/", ruling.sensitivity_rules, name="sensitivity-rules"),
    path("access/", holdings.my_access, name="my-access"),
    path("grants/<int:pk>/renew/", holdings.renew, name="renew-grant"),
    path("grants/<int:pk>/return/", holdings.give_back, name="return-grant"),
    path("grants/<int:pk>/restore/", holdings.restore, name="restore-grant"),
    path("grants/<int:pk>/revoke/", stewarding.revoke, name="revoke-grant"),
    path("grants/<int:pk>/wake/", reviewing.wake, name="wake-grant"),
    path("grants/<int:pk>/come-back/", reviewing.come_back, name="come-back"),
    path("grants/<int:pk>/keep-columns/", reviewing.keep_columns, name="keep-columns"),
    path("grants/<int:pk>/exempt/", reviewing.exempt, name="exempt-grant"),
    path("grants/<int:pk>/exemption/withdraw/", reviewing.withdraw, name="withdraw-exemption"),
    path("my-data/", stewarding.my_data, name="my-data"),
    # Reading
    path("dashboards/", dashboards.gallery, name="dashboards"),
    path("dashboards/<slug:name>/", dashboards.dashboard, name="dashboard"),
    path("dashboards/<slug:name>/pin/", dashboards.pin, name="dashboard-pin"),
    path("dashboards/<slug:name>/tiles/<str:tile_name>/", dashboards.tile, name="dashboard-tile"),
    path("workbench/", workbench.workbench, name="workbench"),
    path("workbench/run/", workbench.run, name="workbench-run"),
    path("queries/<uuid:pk>/", explaining.query, name="query"),
    # Overseeing
    path("audit/", auditing.audit, name="audit"),
    path("audit/who/", auditing.who, name="who-could-read"),
    path("deliveries/", delivering.deliveries, name="deliveries"),
    path("deliveries/again/", delivering.again, name="deliver-again"),
    # Being told
    path("notices/", noticing.listing, name="notices"),
    path("notices/read/", noticing.read_all, name="read-notices"),
    path("notices/<int:pk>/", noticing.one, name="notice"),
    path("mailbox/", RedirectView.as_view(pattern_name="notices"), name="mailbox"),
    path("decide/<str:token>/", linking.decide, name="decide-by-link"),
    path("preferences/", preferring.preferences, name="preferences"),
    path("preferences/topics/", preferring.topics, name="preferred-topics"),
    path("webhooks/", preferring.add_webhook, name="add-webhook"),
    path("webhooks/<int:pk>/<slug:act>/", preferring.act_on_webhook, name="webhook-act"),
]
