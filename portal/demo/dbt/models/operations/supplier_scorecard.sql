with returned as (

    select supplier_id, count(*) as n_returns
    from {{ ref('returns') }}
    where reason in ('faulty', 'not as described')
    group by supplier_id

)

select
    r.supplier_id,
    s.supplier_name,
    s.made_in,
    r.rated_month,
    r.n_units_checked,
    r.n_defects,
    cast(r.n_defects * 100.0 / r.n_units_checked as decimal(6, 2)) as defect_percent,
    r.score,
    s.lead_time_days,
    s.is_audited,
    coalesce(t.n_returns, 0) as n_quality_returns,
    r._loaded_at as loaded_at
from {{ source('erp', 'supplier_ratings') }} as r
inner join {{ source('erp', 'suppliers') }} as s on r.supplier_id = s.supplier_id
left join returned as t on r.supplier_id = t.supplier_id
order by r.supplier_id, r.rated_month
