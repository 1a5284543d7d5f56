-- The web shop and the tills: products, customers, orders, order lines, web sessions.

create schema shop;

create temp table categories as
from (values
    (1, 'Tents', 'Camp', 219.0, 0.58, [5, 6, 7], 'tent', ['Ridgeline','Bivvy','Stormhold','Basecamp']),
    (2, 'Sleeping bags', 'Camp', 129.0, 0.55, [5, 6, 7, 8], 'sleeping bag', ['Down','Trail','Quilt','Winter']),
    (3, 'Backpacks', 'Carry', 89.0, 0.52, [5, 6, 7, 8, 9], 'pack', ['Daybreak','Traverse','Hut','Summit']),
    (4, 'Boots', 'Footwear', 139.0, 0.54, [4, 5, 8, 9], 'boot', ['Scree','Moor','Glacier','Path']),
    (5, 'Jackets', 'Clothing', 149.0, 0.50, [10, 11, 12, 1], 'jacket', ['Squall','Down','Wind','Fleece']),
    (6, 'Trousers', 'Clothing', 69.0, 0.48, [4, 5, 9, 10], 'trousers', ['Crag','Soft','Rain','Winter']),
    (7, 'Cooking', 'Camp', 39.0, 0.47, [5, 6, 7, 8], 'stove set', ['Ember','Titan','Gas','Family']),
    (8, 'Climbing', 'Sport', 59.0, 0.57, [4, 5, 6, 9], 'harness', ['Alpine','Wall','Via ferrata','Youth']),
    (9, 'Lighting', 'Camp', 29.0, 0.45, [10, 11, 12], 'head torch', ['Beam','Dawn','Lantern','Spare']),
    (10, 'Accessories', 'Carry', 16.0, 0.40, [11, 12, 6], 'flask', ['Dry','Filter','Flask','Pole'])
) as t(category_no, category, department, base_price, cost_share, months, noun, ranges);

create table shop.products as
select
    (100 + p)::integer as product_id,
    'TF-' || upper(left(category, 3)) || '-' || lpad(p::varchar, 4, '0') as sku,
    ranges[1 + (n // 16)] || ' ' || pick(['I','II','III','Light','Pro','Evo','Classic','XT'], p, 'line') || ' ' || noun
        as product_name,
    category,
    department,
    pick(['Moss','Slate','Rust','Glacier blue','Charcoal','Sand'], p, 'colour') as colour,
    (200 + whole(p, 'weight', 2600))::integer as weight_grams,
    (floor(base_price * (0.55 + 1.1 * draw(p, 'price'))) + 0.95)::decimal(10, 2) as list_price,
    round((floor(base_price * (0.55 + 1.1 * draw(p, 'price'))) + 0.95) / 1.2 * cost_share
        * (0.92 + 0.16 * draw(p, 'cost')), 2)::decimal(10, 2) as unit_cost,
    (1 + whole(p, 'supplier', 48))::integer as supplier_id,
    (getvariable('anchor_day') - 1600 + whole(p, 'launch', 1450))::date as launched_on,
    case when draw(p, 'end') < 0.07 then (getvariable('anchor_day') - 20 - whole(p, 'end day', 300))::date end
        as discontinued_on,
    getvariable('anchor_at') - interval 3 hour as _loaded_at
from (select i::integer as p, ((i - 1) // 64 + 1)::integer as category_no, ((i - 1) % 64)::integer as n
      from range(1, 641) as r(i))
join categories using (category_no)
order by product_id;

create temp macro customers_by(t) as (400 + floor(95600 * power((t + 730) / 1825.0, 1 / 0.7)))::integer;

create table shop.customers as
with people as (
    select
        c, nation.*,
        pick(first_names, c, 'first') as first_name,
        pick(last_names, c, 'last') as last_name,
        getvariable('anchor_day') - 1825 + least(1824, floor(1825 * power(greatest(c - 400, 0) / 95600.0, 0.7)))::integer
            as signup_day
    from (select i::integer as c, draw(i, 'nation') as share from range(1, 96001) as r(i))
    join nations as nation on share >= share_from and share < share_to
)
select
    c as customer_id,
    first_name,
    last_name,
    -- A few people opened a second account with the address of the first: the duplicate the warning test finds.
    plain(first_name) || '.' || plain(last_name) ||
        case when c % 701 = 0 then '' else (whole(c, 'mail', 980) + 10)::varchar || chr(97 + whole(c, 'letter', 26)) end ||
        '@' || pick(['mail', 'post', 'web', 'home', 'hut'], c, 'host') || '.example' as email,
    case when draw(c, 'has phone') < 0.83 then dial || ' ' || digits(c, 'prefix', 3) || ' ' || digits(c, 'number', 6) end
        as phone,
    (getvariable('anchor_day') - 6600 - floor(power(draw(c, 'age'), 1.3) * 19000)::integer)::date as birth_date,
    case when draw(c, 'rents') < 0.09
         then country || digits(c, 'document', 4) || '-' || digits(c, 'document two', 5) end as national_id,
    pick(streets, c, 'street') || ' ' || (1 + whole(c, 'house', 120))::varchar as street,
    digits(c, 'postcode', case when country in ('AT', 'BE', 'NL') then 4 else 5 end) as postcode,
    pick(cities, c, 'city') as city,
    country,
    language,
    draw(c, 'letter') < 0.47 as newsletter,
    signup_day::timestamp + interval (6 + whole(c, 'signup hour', 17)) hour + interval (whole(c, 'signup minute', 60)) minute
        as signed_up_at,
    getvariable('anchor_at') - interval 3 hour as _loaded_at
from people
order by customer_id;

create temp table order_heads as
select
    1000000 + row_number() over (order by day, seq) as order_id, day, t, month, seq,
    row_number() over (order by day, seq) as o, growth
from calendar, unnest(generate_series(1, n_orders)) as s(seq);

create temp table order_draws as
select
    *,
    case when draw(o, 'loyal') < 0.22 then 13 * (1 + floor(customers_by(t) / 13 * draw(o, 'who')) )::integer
         else 1 + floor(customers_by(t) * (1 - power(draw(o, 'who'), 1.5)))::integer end as customer_drawn,
    draw(o, 'channel') as channel_draw,
    0.08 + 0.13 * t / 1095.0 as app_share
from order_heads;

create table shop.orders as
with placed as (
    select
        d.*, least(customer_drawn, customers_by(t), 96000) as customer_id,
        case when channel_draw < app_share then 'app' when channel_draw < 0.70 then 'web' else 'store' end as channel
    from order_draws as d
),
located as (
    select placed.*, c.country, c.signed_up_at
    from placed join shop.customers as c using (customer_id)
)
select
    order_id,
    customer_id,
    greatest(signed_up_at + interval 4 minute, day::timestamp
        + interval (case when channel = 'store' then 9 + whole(o, 'till', 10)
            else pick([0,6,7,8,8,9,9,10,10,11,11,12,12,12,13,13,14,14,15,16,16,17,18,18,19,19,19,20,20,20,20,21,21,21,21,22,22,23], o, 'hour')
            end) hour
        + interval (whole(o, 'minute', 60)) minute + interval (whole(o, 'second', 60)) second) as ordered_at,
    country,
    channel,
    case when channel = 'store' then pick(shops, o, 'shop') end as store_id,
    case when draw(o, 'status') < 0.026 then 'cancelled'
         when channel = 'store' then 'completed'
         when t >= 1094 then 'processing'
         when t >= 1090 and draw(o, 'late') < 0.7 then 'shipped'
         else 'completed' end as status,
    case when channel = 'store' then 'card at till'
         else pick(['card','card','card','paypal','paypal','invoice','instalments'], o, 'payment') end as payment_method,
    case when channel = 'store' or draw(o, 'free') < 0.44 then 0.00 else 4.95 end::decimal(10, 2) as shipping_fee,
    case when draw(o, 'voucher') < 0.085 then pick(['WELCOME10','TRAIL15','FRIENDS','SUMMIT20'], o, 'code') end as voucher_code,
    getvariable('anchor_at') - interval 3 hour as _loaded_at
from located
join (
    select country, list(store_no order by store_no) as shops
    from shop_places group by country
) as places using (country)
order by order_id;

create temp table category_picks as
select month, list(category_no order by category_no, copy) as options
from (
    select m.month, category_no, copy
    from range(1, 13) as m(month), categories,
        unnest(generate_series(1, [6, 5, 9, 8, 10, 7, 6, 5, 5, 11][category_no]
            + case when list_contains(months, m.month) then 6 else 0 end)) as c(copy)
)
group by month;

create table shop.order_lines as
with counted as (
    select order_id, o, t, h.month, options,
        least(9, 1 + floor(-ln(1 - draw(o, 'basket')) * 2.05))::integer as n_lines
    from order_heads as h join category_picks using (month)
),
lines as (
    select order_id, t, month, line_no::integer as line_no, o * 10 + line_no as k, pick(options, o * 10 + line_no, 'category') as category_no
    from counted, unnest(generate_series(1, n_lines)) as s(line_no)
),
priced as (
    select
        lines.*,
        100 + (category_no - 1) * 64 + 1 + floor(64 * power(draw(k, 'product'), 1.8))::integer as product_id,
        case when month = 1 or month = 7 then pick([0, 0, 10, 20, 30], k, 'discount')
             when month = 11 then pick([0, 0, 0, 15, 25], k, 'discount')
             else pick([0, 0, 0, 0, 0, 0, 0, 10], k, 'discount') end::integer as discount_percent
    from lines
)
select
    order_id,
    line_no,
    product_id,
    pick([1,1,1,1,1,1,1,1,2,2,3], k, 'quantity')::integer as quantity,
    round(list_price * (0.94 + 0.06 * t / 1095.0)::decimal(6, 4), 2)::decimal(10, 2) as unit_price,
    discount_percent
from priced join shop.products using (product_id)
order by order_id, line_no;

create table shop.web_sessions as
select
    'w' || lpad(to_hex(mix(w, 'session')), 16, '0') as "sessionId",
    'v' || lpad(to_hex(mix(w // 3, 'visitor')), 16, '0') as "visitorId",
    case when draw(w, 'known') < 0.31 then 1 + whole(w, 'customer', 90000) end::integer as "customerId",
    day::timestamp + interval (pick([0,6,7,8,9,10,11,12,12,13,14,15,16,17,18,19,19,20,20,21,21,22,23], w, 'hour')) hour
        + interval (whole(w, 'second', 3600)) second as "startedAt",
    '198.51.' || whole(w, 'net', 256) || '.' || whole(w, 'host', 256) as "ipAddress",
    country,
    pick(['phone','phone','phone','desktop','desktop','tablet'], w, 'device') as "deviceType",
    pick(['search','search','direct','newsletter','social','adverts','adverts','partner'], w, 'source') as "trafficSource",
    pick(['/','/tents','/boots','/jackets','/sale','/packs','/stories/hut-to-hut'], w, 'page') as "landingPage",
    (1 + floor(-ln(1 - draw(w, 'pages')) * 5))::integer as "pageViews",
    draw(w, 'funnel') < 0.64 as "viewedProduct",
    draw(w, 'funnel') < 0.19 as "addedToCart",
    draw(w, 'funnel') < 0.085 as "reachedCheckout",
    draw(w, 'funnel') < 0.033 + 0.008 * t / 1095.0 as "placedOrder",
    getvariable('anchor_at') - interval 2 hour as _loaded_at
from (
    select row_number() over (order by day, seq) as w, day, t, draw(row_number() over (order by day, seq), 'nation') as share
    from calendar, unnest(generate_series(1, (n_orders * 1.9)::integer)) as s(seq)
    where t >= 1095 - 365
)
join nations on share >= share_from and share < share_to
order by w;
