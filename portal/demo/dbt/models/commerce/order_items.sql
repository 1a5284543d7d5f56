with items as (

    select
        l.order_id,
        l.line_no,
        o.order_date,
        o.country,
        o.channel,
        o.customer_id,
        l.product_id,
        p.product_name,
        p.category,
        p.department,
        l.quantity,
        l.unit_price,
        l.discount_amount,
        cast(l.gross_amount - l.discount_amount as decimal(12, 2)) as net_amount,
        cast(l.quantity * p.unit_cost as decimal(12, 2)) as cost_amount
    from {{ ref('stg_order_lines') }} as l
    inner join {{ ref('stg_orders') }} as o on l.order_id = o.order_id
    inner join {{ ref('stg_products') }} as p on l.product_id = p.product_id
    where not o.is_cancelled

)

select
    items.*,
    cast(items.net_amount / 1.2 - items.cost_amount as decimal(12, 2)) as margin_amount,
    r.return_id is not null as is_returned
from items
left join {{ source('erp', 'returns') }} as r
    on items.order_id = r.order_id and items.line_no = r.line_no
order by items.order_id, items.line_no
