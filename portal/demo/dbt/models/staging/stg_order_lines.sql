select
    order_id,
    line_no,
    product_id,
    quantity,
    unit_price,
    discount_percent,
    quantity * unit_price as gross_amount,
    cast(round(quantity * unit_price * discount_percent / 100, 2) as decimal(12, 2)) as discount_amount
from {{ source('shop', 'order_lines') }}
