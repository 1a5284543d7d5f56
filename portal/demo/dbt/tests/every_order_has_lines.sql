-- Each row is an order without a single line.
select order_id
from {{ ref('orders') }}
where n_items = 0
