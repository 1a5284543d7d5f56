-- Superseded by customer_value: this one counts cancelled orders and forgets refunds.
select
    o.customer_id,
    c.country,
    count(*) as n_orders,
    cast(sum(o.net_amount) as decimal(12, 2)) as lifetime_value,
    max(o.order_date) as last_order_on
from {{ ref('orders') }} as o
inner join {{ ref('stg_customers') }} as c on o.customer_id = c.customer_id
group by o.customer_id, c.country
order by o.customer_id
