select
    r.return_id,
    r.order_id,
    r.line_no,
    o.customer_id,
    o.country,
    o.channel,
    r.product_id,
    p.product_name,
    p.category,
    p.supplier_id,
    r.quantity,
    o.order_date,
    r.returned_on,
    r.reason,
    r.condition,
    cast(l.gross_amount - l.discount_amount as decimal(12, 2)) as paid_amount,
    r.refund_amount,
    r._loaded_at as loaded_at
from {{ source('erp', 'returns') }} as r
inner join {{ ref('stg_orders') }} as o on r.order_id = o.order_id
inner join {{ ref('stg_order_lines') }} as l on r.order_id = l.order_id and r.line_no = l.line_no
inner join {{ ref('stg_products') }} as p on r.product_id = p.product_id
order by r.return_id
