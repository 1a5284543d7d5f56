with months as (

    select distinct pay_month as month
    from {{ source('hr', 'payroll') }}

)

select
    m.month,
    e.department,
    e.country,
    count(*) as n_people,
    cast(sum(e.hours_percent) / 100.0 as decimal(8, 1)) as full_time_equivalents,
    count(*) filter (where date_trunc('month', e.started_on) = m.month) as n_joined,
    count(*) filter (where date_trunc('month', e.left_on) = m.month) as n_left
from months as m
inner join {{ ref('employees') }} as e
    on e.started_on < m.month + interval 1 month and (e.left_on is null or e.left_on >= m.month)
group by m.month, e.department, e.country
order by m.month, e.department, e.country
