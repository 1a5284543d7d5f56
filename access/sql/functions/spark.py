"""Spark's allow-list: built-in functions only, as they stand in Spark 4 in ANSI mode.

Left out on purpose: whatever runs code or reads files, settings, users or layout (`java_method`, `reflect`,
`try_reflect`, `input_file_name`, `current_user`, `current_database`, `spark_partition_id`, `version`, `from_avro`,
`from_protobuf`, `python_worker_logs`, `xpath`, `assert_true`, `raise_error`, `collations`, `sql_keywords`); and
`monotonically_increasing_id`, which counts hidden rows.
"""

from __future__ import annotations

from access.sql.functions.source import Source, signatures

_TEXT = "Pure function of its text arguments."
_NUMBER = "Pure function of its numeric arguments."
_TIME = "Pure function of its dates, times and the clock."
_NESTED = "Pure function of its array, map or struct arguments."
_JSON = "Pure function of its JSON or CSV text; paths address only the given value."
_AGGREGATE = "Summarises only rows that passed their policy view."
_WINDOW = "Ranks or looks around only among rows that passed their policy view."
_ROWS = "Makes rows from its arguments alone."
_CHOICE = "Chooses among its arguments."
_RANDOM = "Fresh random value; taken without a seed, so it tells nothing about rows."

_FUNCTIONS = (
    (
        "scalar",
        _TEXT,
        "ascii base64 bin bit_length btrim char char_length character_length chr concat concat_ws contains decode elt"
        " encode endswith find_in_set format_number format_string hex initcap instr lcase left len length levenshtein"
        " like ilike locate lower lpad ltrim luhn_check mask md5 octet_length overlay position printf regexp"
        " regexp_count regexp_extract regexp_extract_all regexp_instr regexp_like regexp_replace regexp_substr repeat"
        " replace reverse right rlike rpad rtrim sentences sha sha1 sha2 soundex split split_part startswith substr"
        " substring substring_index to_binary to_char to_number to_varchar translate trim try_to_binary"
        " try_to_number ucase unbase64 unhex upper url_decode url_encode parse_url crc32 xxhash64 hash string",
    ),
    (
        "scalar",
        _NUMBER,
        "abs acos acosh asin asinh atan atan2 atanh bigint bit_count bit_get bround cbrt ceil ceiling conv cos cosh cot"
        " csc decimal degrees div double e exp expm1 factorial float floor getbit hypot int isnan ln log log10 log1p"
        " log2 mod nanvl negative pi pmod positive pow power radians rint round sec shiftleft shiftright"
        " shiftrightunsigned sign signum sin sinh smallint sqrt tan tanh tinyint try_add try_divide try_mod"
        " try_multiply try_subtract width_bucket",
    ),
    (
        "scalar",
        _TIME,
        "add_months convert_timezone curdate current_date current_timestamp date date_add date_diff date_format"
        " date_from_unix_date date_part date_sub date_trunc dateadd datediff datepart day dayname dayofmonth dayofweek"
        " dayofyear extract from_unixtime from_utc_timestamp hour last_day localtimestamp make_date make_dt_interval"
        " make_interval make_timestamp make_timestamp_ltz make_timestamp_ntz make_ym_interval minute month monthname"
        " months_between next_day now quarter second timestamp timestamp_micros timestamp_millis timestamp_seconds"
        " to_date to_timestamp to_timestamp_ltz to_timestamp_ntz to_unix_timestamp to_utc_timestamp trunc"
        " try_make_timestamp try_to_date try_to_timestamp unix_date unix_micros unix_millis unix_seconds"
        " unix_timestamp weekday weekofyear year",
    ),
    (
        "scalar",
        _CHOICE,
        "coalesce equal_null greatest if ifnull isnotnull isnull least nullif nullifzero nvl nvl2 zeroifnull",
    ),
    (
        "scalar",
        _NESTED,
        "aggregate array array_append array_compact array_contains array_distinct array_except array_insert"
        " array_intersect array_join array_max array_min array_position array_prepend array_remove array_repeat"
        " array_size array_sort array_union arrays_overlap arrays_zip cardinality element_at exists filter flatten"
        " forall get map map_concat map_contains_key map_entries map_filter map_from_arrays map_from_entries map_keys"
        " map_values map_zip_with named_struct reduce sequence size slice sort_array str_to_map struct transform"
        " transform_keys transform_values try_element_at zip_with typeof",
    ),
    (
        "scalar",
        _JSON,
        "from_csv from_json get_json_object json_array_length json_object_keys schema_of_json to_csv to_json",
    ),
    ("scalar", _RANDOM, "rand random uuid"),
    ("scalar", "Says which grouping a row belongs to.", "grouping grouping_id"),
    (
        "aggregate",
        _AGGREGATE,
        "any any_value approx_count_distinct approx_percentile array_agg avg bit_and bit_or bit_xor bool_and bool_or"
        " collect_list collect_set corr count count_if covar_pop covar_samp every first histogram_numeric kurtosis"
        " last listagg max max_by mean median min min_by mode percentile percentile_approx percentile_cont"
        " percentile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy"
        " skewness some std stddev stddev_pop stddev_samp string_agg sum try_avg try_sum var_pop var_samp variance",
    ),
    (
        "window",
        _WINDOW,
        "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value",
    ),
    (
        "table",
        _ROWS,
        "explode explode_outer posexplode posexplode_outer inline inline_outer stack json_tuple range",
    ),
    ("scalar", _ROWS, "explode explode_outer posexplode posexplode_outer"),
)

_LEAKPROOF = signatures(
    ("lower upper lcase ucase trim btrim ltrim rtrim reverse initcap", "text literal null", "text"),
    (
        "length len char_length character_length octet_length bit_length",
        "text literal null",
        "int",
    ),
    ("startswith endswith contains", "text literal null", "bool"),
    ("left right substring substr", "text literal int null", "text"),
    ("concat", "text literal null", "text"),
    (
        "coalesce ifnull nvl nullif greatest least",
        "text int float bool date timestamp null",
        None,
    ),
    ("isnull isnotnull", "*", "bool"),
    (
        "year month day dayofmonth dayofweek dayofyear quarter weekday weekofyear",
        "date timestamp null",
        "int",
    ),
    ("hour minute second", "timestamp null", "int"),
    ("dayname monthname", "date timestamp null", "text"),
    ("isnan", "float null", "bool"),
    ("now current_timestamp", "", "timestamptz"),
    ("current_date curdate", "", "date"),
    ("rand random", "", "float"),
    ("uuid", "", "text"),
    ("count approx_count_distinct", "*", "int"),
    (
        "min max any_value mode first last first_value last_value",
        "text int decimal float bool date timestamp timestamptz interval null other",
        None,
    ),
    ("sum avg mean", "int decimal float", "other"),
    ("stddev stddev_pop stddev_samp std var_pop var_samp variance median", "int float", "float"),
    ("bool_and bool_or every any some", "bool", "bool"),
    ("count_if", "bool", "int"),
    ("collect_list collect_set array_agg", "*", "other"),
    ("row_number rank dense_rank", "", "int"),
    ("percent_rank cume_dist", "", "float"),
    ("grouping grouping_id", "*", "int"),
)

SOURCE = Source(
    _FUNCTIONS,
    _LEAKPROOF,
    {
        "explode": ("col",),
        "explode_outer": ("col",),
        "posexplode": ("pos", "col"),
        "posexplode_outer": ("pos", "col"),
        "range": ("id",),
    },
)
