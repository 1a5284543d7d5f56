-- The people system: who works here and what they are paid each month.

create schema hr;

create temp table jobs as
from (values
    ('Shops', 'Sales adviser', 0.00, 0.44, 2150), ('Shops', 'Shop manager', 0.44, 0.53, 3350),
    ('Shops', 'Rental technician', 0.53, 0.58, 2400), ('Logistics', 'Picker', 0.58, 0.72, 2050),
    ('Logistics', 'Shift lead', 0.72, 0.76, 2900), ('Logistics', 'Planner', 0.76, 0.79, 3500),
    ('Customer care', 'Care adviser', 0.79, 0.86, 2350), ('Commerce', 'Buyer', 0.86, 0.895, 3700),
    ('Commerce', 'Campaign manager', 0.895, 0.925, 3600), ('Technology', 'Engineer', 0.925, 0.96, 4900),
    ('Technology', 'Data analyst', 0.96, 0.972, 4300), ('Finance', 'Accountant', 0.972, 0.986, 3800),
    ('People', 'People partner', 0.986, 0.996, 3900), ('Management', 'Director', 0.996, 1.001, 8700)
) as t(department, job_title, share_from, share_to, base_salary);

create table hr.employees as
select
    'E' || lpad(e::varchar, 4, '0') as employee_id,
    pick(first_names, e, 'staff first') as first_name,
    pick(last_names, e, 'staff last') as last_name,
    plain(pick(first_names, e, 'staff first')) || '.' || plain(pick(last_names, e, 'staff last')) || e::varchar || '@tarnfell.example' as work_email,
    (getvariable('anchor_day') - 7000 - whole(e, 'staff age', 14500))::date as birth_date,
    country || digits(e, 'staff document', 4) || '-' || digits(e, 'staff document two', 5) as national_id,
    country || digits(e, 'staff check', 2) || ' ' || digits(e, 'staff iban', 4) || ' ' || digits(e, 'staff iban two', 4) || ' '
        || digits(e, 'staff iban three', 4) as iban,
    department, job_title,
    case when department = 'Shops' then 1 + whole(e, 'staff shop', 31)
         when department = 'Logistics' then case when draw(e, 'staff centre') < 0.6 then 90 else 91 end end::integer as store_id,
    country,
    case when draw(e, 'hours') < 0.31 then 60 else 100 end::integer as hours_percent,
    started_on,
    case when draw(e, 'left') < 0.19 then least(started_on + 90 + whole(e, 'stay', 900), getvariable('anchor_day') + 60) end::date as left_on,
    getvariable('anchor_at') - interval 5 hour as _loaded_at
from (
    select i::integer as e, draw(i, 'staff nation') as nation_share, draw(i, 'job') as job_share,
        (getvariable('anchor_day') - 30 - floor(power(draw(i, 'start'), 1.6) * 3600)::integer)::date as started_on
    from range(1, 469) as r(i)
)
join nations on nation_share >= nations.share_from and nation_share < nations.share_to
join jobs on job_share >= jobs.share_from and job_share < jobs.share_to
order by employee_id;

create table hr.payroll as
select
    employee_id, month::date as pay_month,
    round(base_salary * hours_percent / 100.0 * (0.90 + 0.28 * draw(employee_id, 'level'))
        * power(1.026, year(month) - 2023), 2)::decimal(10, 2) as gross_salary,
    case when month(month) in (6, 11) then round(base_salary * hours_percent / 100.0, 2)
         when draw(employee_id || month::varchar, 'bonus') < 0.06 then (100 + whole(employee_id || month::varchar, 'bonus sum', 900))
         else 0 end::decimal(10, 2) as bonus,
    whole(employee_id || month::varchar, 'sick', 14) // 9 * whole(employee_id || month::varchar, 'sick days', 6) as sick_days,
    case country when 'AT' then 0.295 when 'DE' then 0.207 when 'FR' then 0.42 when 'IT' then 0.30 else 0.25 end::decimal(5, 3)
        as employer_rate,
    iban as paid_to,
    getvariable('anchor_at') - interval 5 hour as _loaded_at
from hr.employees
join jobs using (department, job_title)
join range(date_trunc('month', getvariable('anchor_day') - 1060)::timestamp,
           date_trunc('month', getvariable('anchor_day'))::timestamp, interval 1 month) as m(month)
  on month >= date_trunc('month', started_on) and (left_on is null or month <= left_on)
order by pay_month, employee_id;
