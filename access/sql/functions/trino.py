"""Trino's allow-list: built-in functions of the engine itself.

Left out on purpose: whatever runs code, shows the session or its user, or looks something up (`current_user`,
`current_catalog`, `version`, table functions of connectors such as `query`, `raw_query`, `procedure`), machine
learning, geometry and colours.
"""

from __future__ import annotations

from access.sql.functions.source import Source, signatures

_TEXT = "Pure function of its text arguments."
_NUMBER = "Pure function of its numeric arguments."
_TIME = "Pure function of its dates, times and the clock."
_NESTED = "Pure function of its array, map or row arguments."
_JSON = "Pure function of its JSON arguments; paths address only the given value."
_AGGREGATE = "Summarises only rows that passed their policy view."
_WINDOW = "Ranks or looks around only among rows that passed their policy view."
_ROWS = "Makes rows from its arguments alone."

_FUNCTIONS = (
    (
        "scalar",
        _TEXT,
        "chr codepoint concat concat_ws contains ends_with format from_base64 from_hex from_utf8 hamming_distance length"
        " levenshtein_distance lower lpad ltrim md5 normalize position regexp_count regexp_extract regexp_extract_all"
        " regexp_like regexp_position regexp_replace regexp_split replace reverse rpad rtrim sha1 sha256 sha512 soundex"
        " split split_part split_to_map starts_with strpos substr substring to_base64 to_hex to_utf8 translate trim"
        " upper url_decode url_encode url_extract_host url_extract_path",
    ),
    (
        "scalar",
        _NUMBER,
        "abs acos asin atan atan2 bit_count bitwise_and bitwise_not bitwise_or bitwise_xor cbrt ceil ceiling cos cosh"
        " degrees e exp floor from_base infinity is_finite is_infinite is_nan ln log log10 log2 mod nan pi pow power"
        " radians round sign sin sinh sqrt tan tanh to_base truncate width_bucket",
    ),
    (
        "scalar",
        _TIME,
        "at_timezone current_date date date_add date_diff date_format date_parse date_trunc day day_of_month"
        " day_of_week day_of_year dow doy extract format_datetime from_iso8601_date from_iso8601_timestamp"
        " from_unixtime hour last_day_of_month millisecond minute month now parse_datetime quarter second"
        " to_iso8601 to_unixtime week week_of_year with_timezone year year_of_week",
    ),
    ("scalar", "Chooses among its arguments.", "coalesce greatest if least nullif try"),
    (
        "scalar",
        _NESTED,
        "all_match any_match array_distinct array_except array_intersect array_join array_max array_min array_position"
        " array_remove array_sort array_union arrays_overlap cardinality element_at filter flatten map map_agg"
        " map_concat map_entries map_filter map_from_entries map_keys map_values none_match reduce repeat row sequence"
        " shuffle slice transform transform_keys transform_values zip zip_with typeof",
    ),
    (
        "scalar",
        _JSON,
        "json_array_contains json_array_get json_array_length json_extract json_extract_scalar json_format json_parse"
        " json_size",
    ),
    ("scalar", "Fresh random value; the seed cannot be set.", "rand random uuid"),
    ("scalar", "Says which grouping a row belongs to.", "grouping"),
    (
        "aggregate",
        _AGGREGATE,
        "any_value approx_distinct approx_percentile arbitrary array_agg avg bitwise_and_agg bitwise_or_agg bool_and"
        " bool_or corr count count_if covar_pop covar_samp every geometric_mean histogram kurtosis listagg max max_by"
        " min min_by multimap_agg regr_intercept regr_slope skewness stddev stddev_pop stddev_samp sum var_pop"
        " var_samp variance",
    ),
    (
        "window",
        _WINDOW,
        "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value",
    ),
    ("table", _ROWS, "unnest sequence"),
)

_LEAKPROOF = signatures(
    ("lower upper trim ltrim rtrim reverse", "text literal null", "text"),
    ("length", "text literal null", "int"),
    ("starts_with ends_with", "text literal null", "bool"),
    ("coalesce nullif", "text int float bool date timestamp null", None),
    ("year month day quarter week", "date timestamp null", "int"),
    ("now", "", "timestamptz"),
    ("current_date", "", "date"),
    ("rand random", "", "float"),
    ("count approx_distinct", "*", "int"),
    (
        "min max any_value arbitrary first_value last_value",
        "text int decimal float bool date timestamp timestamptz interval null other",
        None,
    ),
    ("sum avg", "int decimal float", "other"),
    ("bool_and bool_or every", "bool", "bool"),
    ("count_if", "bool", "int"),
    ("array_agg", "*", "other"),
    ("row_number rank dense_rank", "", "int"),
    ("percent_rank cume_dist", "", "float"),
    ("grouping", "*", "int"),
)

SOURCE = Source(_FUNCTIONS, _LEAKPROOF, {"unnest": ("unnest",), "sequence": ("sequential_number",)})
