select
    t.ticket_id,
    t.order_id,
    t.customer_id,
    c.first_name || ' ' || c.last_name as customer_name,
    c.email as customer_email,
    t.country,
    t.topic,
    t.contact_channel,
    t.message,
    t.opened_at,
    t.first_reply_at,
    t.solved_at,
    t.minutes_to_reply,
    t.minutes_to_solve,
    t.solved_at is null as is_open,
    t.satisfaction,
    t.agent,
    t.loaded_at
from {{ ref('stg_tickets') }} as t
inner join {{ ref('stg_customers') }} as c on t.customer_id = c.customer_id
order by t.ticket_id
