with bought as (

    select
        customer_id,
        count(*) as n_orders,
        min(order_date) as first_order_on,
        max(order_date) as last_order_on,
        sum(net_amount - refunded_amount) as net_revenue
    from {{ ref('orders') }}
    where status <> 'cancelled'
    group by customer_id

)

select
    c.customer_id,
    c.first_name,
    c.last_name,
    c.email,
    c.phone,
    c.birth_date,
    c.national_id,
    c.street,
    c.postcode,
    c.city,
    c.country,
    c.language,
    c.wants_newsletter,
    c.signed_up_at,
    case
        when coalesce(b.net_revenue, 0) >= 1500 then 'summit'
        when coalesce(b.net_revenue, 0) >= 500 then 'ridge'
        else 'valley'
    end as loyalty_tier,
    coalesce(b.n_orders, 0) as n_orders,
    b.first_order_on,
    b.last_order_on,
    c.loaded_at
from {{ ref('stg_customers') }} as c
left join bought as b on c.customer_id = b.customer_id
order by c.customer_id
