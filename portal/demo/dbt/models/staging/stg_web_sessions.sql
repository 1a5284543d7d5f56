select
    "sessionId" as session_id,
    "visitorId" as visitor_id,
    "customerId" as customer_id,
    "startedAt" as started_at,
    cast("startedAt" as date) as day,
    "ipAddress" as ip_address,
    country,
    "deviceType" as device,
    "trafficSource" as traffic_source,
    "landingPage" as landing_page,
    "pageViews" as n_page_views,
    "viewedProduct" as viewed_product,
    "addedToCart" as added_to_cart,
    "reachedCheckout" as reached_checkout,
    "placedOrder" as placed_order,
    _loaded_at as loaded_at
from {{ source('shop', 'web_sessions') }}
