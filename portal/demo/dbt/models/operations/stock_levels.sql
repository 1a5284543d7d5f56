with latest as (

    select *
    from {{ source('erp', 'inventory') }}
    where counted_on = (select max(counted_on) from {{ source('erp', 'inventory') }})

),

sold as (

    select product_id, sum(quantity) / 4.0 as units_per_week
    from {{ ref('order_items') }}
    where order_date > (select max(order_date) from {{ ref('order_items') }}) - 28
    group by product_id

)

select
    i.location_id,
    s.store_name as location_name,
    s.kind as location_kind,
    s.country,
    i.product_id,
    p.product_name,
    p.category,
    p.supplier_id,
    i.counted_on,
    i.on_hand,
    i.on_order,
    i.reorder_point,
    i.on_hand = 0 as is_out_of_stock,
    i.on_hand < i.reorder_point and i.on_order = 0 as needs_order,
    cast(coalesce(w.units_per_week, 0) as decimal(10, 2)) as company_units_per_week,
    cast(i.on_hand * p.unit_cost as decimal(12, 2)) as stock_value,
    i._loaded_at as loaded_at
from latest as i
inner join {{ source('erp', 'stores') }} as s on i.location_id = s.store_id
inner join {{ ref('stg_products') }} as p on i.product_id = p.product_id
left join sold as w on i.product_id = w.product_id
order by i.location_id, i.product_id
