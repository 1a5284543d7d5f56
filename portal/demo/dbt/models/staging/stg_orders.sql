select
    order_id,
    customer_id,
    ordered_at,
    cast(ordered_at as date) as order_date,
    country,
    channel,
    store_id,
    status,
    status = 'cancelled' as is_cancelled,
    payment_method,
    shipping_fee,
    voucher_code,
    _loaded_at as loaded_at
from {{ source('shop', 'orders') }}
