select
    s.shipment_id,
    s.order_id,
    l.store_name as shipped_from,
    s.carrier,
    s.tracking_code,
    s.to_country,
    s.shipped_at,
    s.promised_on,
    s.delivered_at,
    s.days_late,
    case
        when s.delivered_at is null then 'on its way'
        when s.days_late > 0 then 'late'
        else 'on time'
    end as outcome,
    s.freight_cost,
    s.loaded_at
from {{ ref('stg_shipments') }} as s
inner join {{ source('erp', 'stores') }} as l on s.from_location_id = l.store_id
order by s.shipment_id
