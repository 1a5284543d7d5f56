with lines as (

    select
        order_id,
        sum(quantity) as n_items,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount
    from {{ ref('stg_order_lines') }}
    group by order_id

),

refunds as (

    select order_id, sum(refund_amount) as refunded_amount
    from {{ source('erp', 'returns') }}
    group by order_id

)

select
    o.order_id,
    o.customer_id,
    o.ordered_at,
    o.order_date,
    o.country,
    o.channel,
    o.store_id,
    o.status,
    o.payment_method,
    o.voucher_code,
    cast(coalesce(l.n_items, 0) as integer) as n_items,
    cast(coalesce(l.gross_amount, 0) as decimal(12, 2)) as gross_amount,
    cast(coalesce(l.discount_amount, 0) as decimal(12, 2)) as discount_amount,
    cast(coalesce(l.gross_amount - l.discount_amount, 0) as decimal(12, 2)) as net_amount,
    o.shipping_fee,
    cast(coalesce(r.refunded_amount, 0) as decimal(12, 2)) as refunded_amount,
    o.loaded_at
from {{ ref('stg_orders') }} as o
left join lines as l on o.order_id = l.order_id
left join refunds as r on o.order_id = r.order_id
order by o.order_id
