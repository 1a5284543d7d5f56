select
    p.product_id,
    p.sku,
    p.product_name,
    p.category,
    p.department,
    p.colour,
    p.list_price,
    p.unit_cost,
    cast(p.list_price / 1.2 - p.unit_cost as decimal(10, 2)) as unit_margin,
    p.supplier_id,
    s.supplier_name,
    s.made_in,
    p.launched_on,
    p.discontinued_on,
    p.discontinued_on is null as is_current,
    p.loaded_at
from {{ ref('stg_products') }} as p
left join {{ source('erp', 'suppliers') }} as s on p.supplier_id = s.supplier_id
order by p.product_id
