{#- A schema is the name of a layer or a domain, the same for everybody; dbt's default would put the developer's name first. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
