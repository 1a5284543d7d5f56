with bought as (

    select
        customer_id,
        count(*) as n_orders,
        min(order_date) as first_order_on,
        max(order_date) as last_order_on,
        sum(net_amount - refunded_amount) as net_revenue,
        sum(case when order_date > as_of - 365 then net_amount - refunded_amount else 0 end) as net_revenue_365d,
        max(as_of) as as_of
    from (
        select *, max(order_date) over () as as_of
        from {{ ref('orders') }}
        where status <> 'cancelled'
    )
    group by customer_id

)

select
    c.customer_id,
    c.country,
    c.loyalty_tier,
    b.first_order_on,
    b.last_order_on,
    b.as_of - b.last_order_on as days_since_order,
    b.n_orders,
    cast(b.net_revenue as decimal(12, 2)) as net_revenue,
    cast(b.net_revenue_365d as decimal(12, 2)) as net_revenue_365d,
    cast(b.net_revenue / b.n_orders as decimal(12, 2)) as average_order,
    case
        when b.as_of - b.last_order_on > 540 then 'lost'
        when b.as_of - b.last_order_on > 270 then 'drifting'
        when b.n_orders = 1 then 'new'
        when b.net_revenue_365d >= 600 then 'champion'
        else 'regular'
    end as segment,
    c.loaded_at
from bought as b
inner join {{ ref('customers') }} as c on b.customer_id = c.customer_id
order by c.customer_id
