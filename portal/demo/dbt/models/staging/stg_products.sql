select
    product_id,
    sku,
    product_name,
    category,
    department,
    colour,
    weight_grams,
    list_price,
    unit_cost,
    supplier_id,
    launched_on,
    discontinued_on,
    _loaded_at as loaded_at
from {{ source('shop', 'products') }}
