select
    e.employee_id,
    e.first_name,
    e.last_name,
    e.work_email,
    e.birth_date,
    e.national_id,
    e.department,
    e.job_title,
    s.store_name as workplace,
    e.country,
    e.hours_percent,
    e.started_on,
    e.left_on,
    e._loaded_at as loaded_at
from {{ source('hr', 'employees') }} as e
left join {{ source('erp', 'stores') }} as s on e.store_id = s.store_id
order by e.employee_id
