-- The service desk: what customers write to us about.

create schema desk;

create table desk.tickets as
with opened as (
    select
        o.order_id, o.customer_id, o.country, o.channel,
        o.ordered_at + interval (6 + whole(o.order_id, 'wrote', 220)) hour as opened_at,
        pick(case when s.delivered_at::date > s.promised_on then ['where is my parcel','where is my parcel','delivery damaged','refund']
             else ['size advice','refund','invoice','warranty','where is my parcel','praise','delivery damaged'] end, o.order_id, 'topic') as topic
    from shop.orders as o left join erp.shipments as s using (order_id)
    where draw(o.order_id, 'ticket')
        < 0.055 + case when s.delivered_at::date > s.promised_on then 0.24 else 0 end
)
select
    9000000 + row_number() over (order by opened_at, order_id) as ticket_id,
    order_id, customer_id, country, topic,
    pick(['mail','mail','chat','chat','phone'], order_id, 'desk channel') as contact_channel,
    pick(case topic
        when 'where is my parcel' then ['The tracking page has not moved for three days. Can you find out where it is?',
            'It was promised for Tuesday and we leave for the hut on Friday.', 'The courier says delivered, my neighbours say no.']
        when 'delivery damaged' then ['The box was open and the stove is bent.', 'One pole is broken, photo attached.']
        when 'size advice' then ['I am between 42 and 43 in the Scree boot. Which do you suggest?', 'Does the Squall jacket come up small?']
        when 'refund' then ['I sent the parcel back two weeks ago and see no money yet.', 'Please refund to my new account.']
        when 'invoice' then ['I need the invoice with my company name on it.', 'The VAT number is missing.']
        when 'warranty' then ['The zip of my tent failed on its second night out.', 'The sole is coming off after one season.']
        else ['Thank you, the pack arrived before the weekend and fits perfectly.', 'Great advice in the Innsbruck shop!'] end,
        order_id, 'message') as message,
    opened_at,
    opened_at + interval (4 + floor(power(draw(order_id, 'first'), 2) * 1500)::integer) minute as first_reply_at,
    case when draw(order_id, 'open') > 0.93 and opened_at > getvariable('anchor_day') - 21 then null
         else opened_at + interval (25 + floor(power(draw(order_id, 'solve'), 2) * 7000)::integer) minute end as solved_at,
    case when draw(order_id, 'answers') < 0.41
         then greatest(1, least(5, 5 - floor(power(draw(order_id, 'mood'), 2) * 4)::integer
             - case when topic in ('where is my parcel', 'delivery damaged') then whole(order_id, 'anger', 2) else 0 end)) end::integer
        as satisfaction,
    pick(['Ola','Katja','Henri','Mirjam','Pere','Sinéad'], order_id, 'agent') as agent,
    getvariable('anchor_at') - interval 1 hour as _loaded_at
from opened
where opened_at < getvariable('anchor_day')
order by ticket_id;
