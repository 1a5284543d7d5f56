select
    p.employee_id,
    e.first_name,
    e.last_name,
    e.department,
    e.job_title,
    e.country,
    p.pay_month,
    p.gross_salary,
    p.bonus,
    p.sick_days,
    cast((p.gross_salary + p.bonus) * (1 + p.employer_rate) as decimal(12, 2)) as employer_cost,
    p.paid_to as iban,
    p._loaded_at as loaded_at
from {{ source('hr', 'payroll') }} as p
inner join {{ ref('employees') }} as e on p.employee_id = e.employee_id
order by p.pay_month, p.employee_id
