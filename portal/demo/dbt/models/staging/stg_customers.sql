select
    customer_id,
    first_name,
    last_name,
    lower(trim(email)) as email,
    phone,
    birth_date,
    national_id,
    street,
    postcode,
    city,
    country,
    language,
    newsletter as wants_newsletter,
    signed_up_at,
    _loaded_at as loaded_at
from {{ source('shop', 'customers') }}
