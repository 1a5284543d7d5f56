select
    cast(opened_at as date) as day,
    country,
    topic,
    count(*) as n_tickets,
    count(*) filter (where is_open) as n_open,
    cast(avg(minutes_to_reply) as decimal(10, 1)) as average_minutes_to_reply,
    cast(avg(satisfaction) as decimal(4, 2)) as average_satisfaction,
    max(loaded_at) as loaded_at
from {{ ref('service_tickets') }}
group by day, country, topic
order by day, country, topic
