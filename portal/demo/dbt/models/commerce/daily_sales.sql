with margins as (

    select order_id, sum(margin_amount) as margin_amount
    from {{ ref('order_items') }}
    group by order_id

)

select
    o.order_date as day,
    o.country,
    o.channel,
    count(*) as n_orders,
    count(distinct o.customer_id) as n_customers,
    cast(sum(o.n_items) as bigint) as n_items,
    cast(sum(o.gross_amount) as decimal(14, 2)) as gross_revenue,
    cast(sum(o.discount_amount) as decimal(14, 2)) as discounts,
    cast(sum(o.refunded_amount) as decimal(14, 2)) as refunds,
    cast(sum(o.net_amount - o.refunded_amount) as decimal(14, 2)) as net_revenue,
    cast(sum(m.margin_amount) as decimal(14, 2)) as margin,
    max(o.loaded_at) as loaded_at
from {{ ref('orders') }} as o
left join margins as m on o.order_id = m.order_id
where o.status <> 'cancelled'
group by o.order_date, o.country, o.channel
order by day, country, channel
