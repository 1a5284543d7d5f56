select
    day,
    country,
    device,
    traffic_source,
    count(*) as n_sessions,
    count(distinct visitor_id) as n_visitors,
    count(*) filter (where viewed_product) as n_product_views,
    count(*) filter (where added_to_cart) as n_carts,
    count(*) filter (where reached_checkout) as n_checkouts,
    count(*) filter (where placed_order) as n_orders,
    max(loaded_at) as loaded_at
from {{ ref('stg_web_sessions') }}
group by day, country, device, traffic_source
order by day, country, device, traffic_source
