select
    shipment_id,
    order_id,
    from_location_id,
    carrier,
    tracking_code,
    to_country,
    shipped_at,
    promised_on,
    delivered_at,
    case
        when delivered_at is null then null
        else cast(delivered_at as date) - promised_on
    end as days_late,
    freight_cost,
    _loaded_at as loaded_at
from {{ source('erp', 'shipments') }}
