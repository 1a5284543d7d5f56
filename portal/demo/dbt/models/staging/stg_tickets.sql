select
    ticket_id,
    order_id,
    customer_id,
    country,
    topic,
    contact_channel,
    message,
    opened_at,
    first_reply_at,
    solved_at,
    date_diff('minute', opened_at, first_reply_at) as minutes_to_reply,
    date_diff('minute', opened_at, solved_at) as minutes_to_solve,
    satisfaction,
    agent,
    _loaded_at as loaded_at
from {{ source('desk', 'tickets') }}
