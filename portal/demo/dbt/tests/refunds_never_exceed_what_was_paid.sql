-- Each row is a return for which we paid back more than the customer had paid.
select return_id, order_id, paid_amount, refund_amount
from {{ ref('returns') }}
where refund_amount > paid_amount + 0.01
