-- The back office: shops, suppliers and what they promised, stock counts, parcels, returns, and who looks after which country.

create schema erp;

create table erp.stores as
select
    store_no as store_id, 'Tarnfell ' || city as store_name, 'shop' as kind, city, country, floor_sqm,
    (getvariable('anchor_day') - 1400 - whole(store_no, 'opened', 3800))::date as opened_on
from shop_places
union all
values (90, 'Distribution centre Hall in Tirol', 'warehouse', 'Hall in Tirol', 'AT', 18400, date '2014-03-03'),
       (91, 'Distribution centre Venlo', 'warehouse', 'Venlo', 'NL', 12600, date '2019-09-02')
order by store_id;

create table erp.suppliers as
select
    s::integer as supplier_id,
    ['Alta','Borealis','Cordata','Dolmen','Ekspan','Fenwick','Granit','Hochland','Isola','Juniper','Karst','Lomvi'][1 + s % 12]
        || ' ' || ['Textil','Outdoor','Sport','Manufaktur'][1 + (s // 12) % 4]
        || ' ' || pick(['GmbH','S.p.A.','Lda','sp. z o.o.','Co.'], s, 'form') as supplier_name,
    pick(['Portugal','Italy','Poland','Vietnam','Germany','Romania','Taiwan','Türkiye'], s, 'country') as made_in,
    pick(['Renata','Kasper','Minh','Dorota','Paulo','Ilse','Emre','Wei'], s, 'contact') || ' '
        || pick(['Nowak','Costa','Tran','Yilmaz','Popescu','Ferrari','Lin','Berg'], s, 'surname') as contact_name,
    'orders@supplier' || s::varchar || '.example' as contact_email,
    pick(['AT','DE','IT','PT','PL'], s, 'bank') || digits(s, 'check', 2) || ' ' || digits(s, 'iban', 4) || ' '
        || digits(s, 'iban two', 4) || ' ' || digits(s, 'iban three', 4) as iban,
    pick([14, 21, 30, 45, 60], s, 'terms')::integer as payment_days,
    pick([9, 14, 21, 35, 48], s, 'lead')::integer as lead_time_days,
    draw(s, 'audited') < 0.71 as is_audited
from range(1, 49) as r(s)
order by supplier_id;

-- The quality team's monthly spreadsheet. Nobody has sent one for five weeks: this is the stale table of the demo.
create table erp.supplier_ratings as
select
    s::integer as supplier_id,
    (date_trunc('month', getvariable('anchor_day') - 38) - to_months(m::integer))::date as rated_month,
    (40 + whole(s * 100 + m, 'orders', 400))::integer as n_units_checked,
    floor((40 + whole(s * 100 + m, 'orders', 400)) * power(draw(s * 100 + m, 'defects'), 3) * 0.09)::integer as n_defects,
    (55 + whole(s, 'level', 35) + whole(s * 100 + m, 'score', 11))::integer as score,
    getvariable('anchor_at') - interval 38 day as _loaded_at
from range(1, 49) as a(s), range(0, 18) as b(m)
order by supplier_id, rated_month;

-- A stock count every Sunday night, for half a year.
create table erp.inventory as
select
    location_id, product_id, counted_on,
    greatest(0, floor(case when location_id >= 90 then 260 else 14 end
        * power(draw(product_id * 97 + location_id, 'level'), 1.4) * (1 + 0.35 * sin(week / 3.1 + product_id))
        - case when draw(product_id * 1000 + location_id * 31 + week, 'gap') < 0.05 then 400 else 0 end))::integer as on_hand,
    case when location_id >= 90 then 40 else 3 end::integer as reorder_point,
    case when draw(product_id * 53 + location_id + week, 'ordered') < 0.22
         then whole(product_id + week, 'incoming', case when location_id >= 90 then 300 else 12 end) else 0 end::integer as on_order,
    getvariable('anchor_at') - interval 4 hour as _loaded_at
from (
    select store_id as location_id, product_id, week,
        (getvariable('anchor_day') - (isodow(getvariable('anchor_day')) + 7 * week)::integer)::date as counted_on
    from erp.stores, shop.products, (select i::integer as week from range(0, 26) as r(i))
    where store_id >= 90 or draw(product_id * 41 + store_id, 'range') < 0.30
)
order by counted_on, location_id, product_id;

create table erp.shipments as
with parcels as (
    select
        order_id, o.country, ordered_at, t.t,
        case when o.country in ('NL', 'BE', 'IE', 'FI') or draw(order_id, 'from') < 0.18 then 91 else 90 end as from_location_id,
        pick(case o.country when 'AT' then ['Alpenpost', 'Alpenpost', 'Kurier24'] when 'DE' then ['Paketbote', 'Paketbote', 'Kurier24']
             when 'FR' then ['Colivite', 'Colivite', 'Kurier24'] else ['Kurier24', 'Europack'] end, order_id, 'carrier') as carrier,
        ordered_at + interval (3 + whole(order_id, 'packing', 40)) hour as shipped_at
    from shop.orders as o join order_heads as t using (order_id)
    where channel <> 'store' and status <> 'cancelled'
)
select
    5000000 + order_id as shipment_id,
    order_id, from_location_id, carrier,
    upper(left(carrier, 2)) || digits(order_id, 'tracking', 10) as tracking_code,
    country as to_country,
    shipped_at,
    (shipped_at + interval (case country when 'AT' then 2 when 'DE' then 2 when 'FI' then 5 when 'IE' then 5 else 3 end) day)::date
        as promised_on,
    -- One carrier has had a bad autumn: its parcels of the last ten weeks are late twice as often.
    case when shipped_at + interval (days) day < getvariable('anchor_day')
         then shipped_at + interval (days) day + interval (whole(order_id, 'door', 9)) hour end as delivered_at,
    (300 + whole(order_id, 'weight', 7800))::integer as weight_grams,
    (3.10 + 0.55 * days + whole(order_id, 'cents', 90) / 100.0)::decimal(10, 2) as freight_cost,
    getvariable('anchor_at') - interval 2 hour as _loaded_at
from (
    select *,
        case country when 'AT' then 1 when 'DE' then 1 when 'FI' then 4 when 'IE' then 4 else 2 end
        + case when draw(order_id, 'late') < 0.07
                    + case when carrier = 'Kurier24' and t >= 1095 - 70 then 0.21 else 0 end
               then 2 + whole(order_id, 'delay', 6) else whole(order_id, 'pace', 2) end as days
    from parcels
    where shipped_at < getvariable('anchor_day')
)
order by shipment_id;

create table erp.returns as
select
    7000000 + row_number() over (order by l.order_id, l.line_no) as return_id,
    l.order_id, l.line_no, l.product_id, l.quantity,
    (o.ordered_at + interval (5 + whole(o.order_id * 10 + l.line_no, 'return day', 26)) day)::date as returned_on,
    pick(case p.department when 'Clothing' then ['too small','too small','too large','colour','changed mind','faulty']
         when 'Footwear' then ['too small','too small','too narrow','too large','changed mind']
         else ['changed mind','faulty','arrived damaged','not as described'] end, o.order_id * 10 + l.line_no, 'reason') as reason,
    pick(['as new','as new','as new','opened','damaged'], o.order_id * 10 + l.line_no, 'condition') as condition,
    -- Once in a great while a clerk refunds the shelf price twice: what the failing test finds.
    round(l.quantity * l.unit_price * (100 - l.discount_percent) / 100
        * case when whole(o.order_id, 'clerk', 1400) = 0 then 2 else 1 end, 2)::decimal(10, 2) as refund_amount,
    getvariable('anchor_at') - interval 3 hour as _loaded_at
from shop.order_lines as l
join shop.orders as o using (order_id)
join shop.products as p on p.product_id = l.product_id
where o.status = 'completed'
  and draw(o.order_id * 10 + l.line_no, 'returned')
      < case p.department when 'Clothing' then 0.17 when 'Footwear' then 0.15 else 0.045 end
        * case when o.channel = 'store' then 0.35 else 1 end
  and o.ordered_at::date + (5 + whole(o.order_id * 10 + l.line_no, 'return day', 26)) < getvariable('anchor_day')
order by return_id;

-- Which sales team looks after which country. Row filters read it, so a new country is a row here and not a new rule.
create table erp.sales_territories as
from (values
    ('sales-dach', 'DE', date '2019-01-01'), ('sales-dach', 'AT', date '2014-03-03'),
    ('sales-france', 'FR', date '2017-05-01'), ('sales-south', 'IT', date '2018-02-01'),
    ('sales-south', 'ES', date '2021-09-01'), ('sales-benelux', 'NL', date '2019-09-02'),
    ('sales-benelux', 'BE', date '2020-04-01'), ('sales-north', 'FI', date '2022-03-01'),
    ('sales-north', 'IE', date '2022-10-01')
) as t(team, country, since);

comment on table erp.sales_territories is 'Sales team by country. Maintained by sales operations; row filters of the portal read it.';
comment on table erp.supplier_ratings is 'Loaded from the quality team''s spreadsheet.';
comment on column erp.suppliers.iban is 'Changed only after a call back.';
