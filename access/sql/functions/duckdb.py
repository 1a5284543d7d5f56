"""DuckDB's allow-list.

Left out on purpose: whatever takes a table, file, query, setting or function by name in a string (`query_table`,
`read_*`, `current_setting`, `histogram` in FROM); what shows the rewritten text or statistics of
hidden rows (`current_query`, `alias`, `stats`, `enum_range`); sequences, variables, seeds and sleeping.
"""

from __future__ import annotations

from access.sql.functions.source import Source, signatures

_TEXT = "Pure function of its text arguments."
_NUMBER = "Pure function of its numeric arguments."
_TIME = "Pure function of its dates, times and the clock."
_NESTED = "Pure function of its list, struct or map arguments."
_JSON = "Pure function of its JSON arguments; paths address only the given value."
_AGGREGATE = "Summarises only rows that passed their policy view."
_WINDOW = "Ranks or looks around only among rows that passed their policy view."
_BY_NAME = "Summarises its own list; the aggregate's name can only be a constant that is on this list itself."
_ROWS = "Makes rows from its arguments alone."
_CHOICE = "Chooses among its arguments."
_GEOMETRY = "Pure function of its geometry; reads no file and asks no network."
_VARIANT = "Pure function of its variant; a path addresses only the given value."
_KEY = "Bytes that sort as their argument does; made from it alone."
_ZONES = "A constant list that ships with the engine's calendar."
_RANDOM = "Fresh random value; the seed cannot be set, so it tells nothing about rows."

_FUNCTIONS = (
    (
        "scalar",
        _TEXT,
        "ascii bar base64 bin bit_length chr char_length character_length concat concat_ws contains damerau_levenshtein"
        " decode editdist3 encode ends_with format format_bytes formatreadablesize formatreadabledecimalsize from_base64"
        " from_binary from_hex hamming hash hex instr jaccard jaro_similarity jaro_winkler_similarity lcase left"
        " left_grapheme len length length_grapheme levenshtein like_escape not_like_escape ilike_escape"
        " not_ilike_escape lower lpad ltrim md5 md5_number mismatches nfc_normalize octet_length ord overlay"
        " parse_formatted_bytes position prefix printf regexp_escape regexp_extract regexp_extract_all"
        " regexp_full_match regexp_matches regexp_replace regexp_split_to_array repeat replace reverse right"
        " right_grapheme rpad rtrim sha1 sha256 split split_part starts_with str_split str_split_regex string_split"
        " string_split_regex string_to_array strip_accents strlen strpos substr substring substring_grapheme suffix"
        " to_base to_base64 to_binary to_hex translate trim ucase unbin unhex unicode upper url_decode url_encode"
        " pg_size_pretty md5_number_lower md5_number_upper parse_path parse_dirname parse_dirpath parse_filename"
        " path_join hive_partition_component regexp_split_to_table",
    ),
    (
        "scalar",
        _NUMBER,
        "abs acos acosh add asin asinh atan atan2 atanh bit_count bit_position bitstring cbrt ceil ceiling cos cosh cot"
        " degrees divide even exp factorial fdiv floor fmod gamma gcd get_bit greatest_common_divisor isfinite isinf"
        " isnan lcm least_common_multiple lgamma ln log log10 log2 mod multiply nextafter pi pow power radians round"
        " round_even roundbankers set_bit sign signbit sin sinh sqrt subtract tan tanh trunc xor binom equi_width_bins"
        " is_histogram_other_bin decimal_division",
    ),
    (
        "scalar",
        _TIME,
        "age century current_date current_localtime current_localtimestamp current_time current_timestamp date_add"
        " date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek"
        " dayofyear days_in_month decade epoch epoch_ms epoch_ns epoch_us era get_current_time get_current_timestamp"
        " hour isodow isoyear julian last_day make_date make_time make_timestamp make_timestamp_ms make_timestamp_ns"
        " make_timestamptz microsecond millennium millisecond minute month monthname nanosecond normalized_interval now"
        " quarter second strftime strptime time_bucket timezone timezone_hour timezone_minute to_centuries to_days"
        " to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds"
        " to_timestamp to_weeks to_years today transaction_timestamp try_strptime week weekday weekofyear year yearweek"
        " ago",
    ),
    ("scalar", _CHOICE, "coalesce constant_or_null greatest if ifnull least nullif try switch"),
    (
        "scalar",
        _NESTED,
        "apply array array_append array_apply array_cat array_concat array_contains array_cosine_distance"
        " array_cosine_similarity array_cross_product array_distance array_distinct array_dot_product array_extract"
        " array_filter array_grade_up array_has array_has_all array_has_any array_indexof array_inner_product"
        " array_intersect array_length array_negative_dot_product array_negative_inner_product array_pop_back"
        " array_pop_front array_position array_prepend array_push_back array_push_front array_reduce array_resize"
        " array_reverse array_reverse_sort array_select array_slice array_sort array_to_string array_transform"
        " array_unique array_value array_where array_zip cardinality element_at filter flatten generate_series"
        " generate_subscripts grade_up list_any_value list_append list_apply list_approx_count_distinct list_avg"
        " list_bit_and list_bit_or list_bit_xor list_bool_and list_bool_or list_cat list_concat list_contains"
        " list_cosine_distance list_cosine_similarity list_count list_distance list_distinct list_dot_product"
        " list_element list_entropy list_extract list_filter list_first list_grade_up list_has list_has_all"
        " list_has_any list_histogram list_indexof list_inner_product list_intersect list_kurtosis list_kurtosis_pop"
        " list_last list_mad list_max list_median list_min list_mode list_negative_dot_product"
        " list_negative_inner_product list_pack list_position list_prepend list_product list_reduce list_resize"
        " list_reverse list_reverse_sort list_select list_sem list_skewness list_slice list_sort list_stddev_pop"
        " list_stddev_samp list_string_agg list_sum list_transform list_unique list_value list_var_pop list_var_samp"
        " list_where list_zip map map_concat map_contains map_contains_entry map_contains_value map_entries map_extract"
        " map_extract_value map_from_entries map_keys map_values range reduce row struct_concat struct_contains"
        " struct_extract struct_extract_at struct_has struct_indexof struct_insert struct_keys struct_pack"
        " struct_position struct_update struct_values union_extract union_tag union_value unnest unpivot_list typeof",
    ),
    ("scalar", _BY_NAME, "aggregate array_aggr array_aggregate list_aggr list_aggregate"),
    (
        "scalar",
        _JSON,
        "array_to_json from_json from_json_strict json json_array json_array_length json_contains json_deep_merge"
        " json_exists json_extract json_extract_path json_extract_path_text json_extract_string json_insert json_keys"
        " json_merge_patch_diff json_merge_patch json_normalize json_object json_pretty json_quote json_remove json_replace json_set"
        " json_strip_nulls json_structure json_transform json_transform_strict json_type json_valid json_value"
        " row_to_json to_json",
    ),
    (
        "scalar",
        _VARIANT,
        "variant_array_length variant_contains variant_exists variant_extract variant_extract_string variant_keys"
        " variant_normalize variant_type variant_typeof",
    ),
    (
        "scalar",
        _GEOMETRY,
        "st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_crs st_geomfromgeojson st_geomfromwkb"
        " st_intersects_extent st_setcrs",
    ),
    ("scalar", _KEY, "create_sort_key icu_sort_key"),
    ("scalar", _NESTED, "array_to_string_comma_default"),
    ("scalar", _RANDOM, "gen_random_uuid random uuid uuidv4 uuidv7"),
    ("scalar", _TEXT, "uuid_extract_timestamp uuid_extract_version"),
    ("scalar", "Names the type of a value of a policy view.", "pg_typeof"),
    ("scalar", "Names columns of its own input; stars are policy views.", "columns"),
    ("scalar", "Says which grouping a row belongs to.", "grouping grouping_id"),
    (
        "aggregate",
        _AGGREGATE,
        "any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_max_nulls_last"
        " arg_min arg_min_null arg_min_nulls_last argmax argmin array_agg avg bit_and bit_or bit_xor bitstring_agg"
        " bool_and bool_or corr count count_if count_star countif covar_pop covar_samp entropy favg first fsum geomean"
        " geometric_mean group_concat histogram histogram_exact json_group_array json_group_object"
        " json_group_structure kahan_sum kurtosis kurtosis_pop last list listagg mad max max_by mean median min min_by"
        " mode percentile_cont percentile_disc product quantile quantile_cont quantile_disc regr_avgx regr_avgy"
        " regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy reservoir_quantile sem skewness"
        " stddev stddev_pop stddev_samp string_agg sum sum_no_overflow sumkahan var_pop var_samp variance wavg"
        " weighted_avg decimal_average lttb variant_group_array variant_group_object",
    ),
    (
        "window",
        _WINDOW,
        "row_number rank dense_rank rank_dense percent_rank cume_dist ntile lag lead first_value last_value nth_value"
        " fill",
    ),
    (
        "table",
        _ROWS,
        "range generate_series unnest json_each json_tree repeat_row regexp_split_to_table",
    ),
    ("table", _ZONES, "pg_timezone_names icu_calendar_names"),
)

_JSON_EACH = ("key", "value", "type", "atom", "id", "parent", "fullkey", "path", "rowid")
_LEAKPROOF = signatures(
    ("lower upper lcase ucase trim ltrim rtrim reverse strip_accents", "text literal null", "text"),
    ("length len char_length character_length strlen", "text literal null", "int"),
    ("starts_with ends_with prefix suffix contains", "text literal null", "bool"),
    ("left right substring substr", "text literal int null", "text"),
    ("concat", "text literal int bool date timestamp uuid null", "text"),
    (
        "coalesce ifnull nullif greatest least",
        "text int decimal float bool date timestamp uuid null",
        None,
    ),
    (
        "year month day quarter dayofweek dayofmonth dayofyear isodow weekday century decade era millennium",
        "date timestamp null",
        "int",
    ),
    ("hour minute second microsecond millisecond", "timestamp null", "int"),
    ("dayname monthname", "date timestamp null", "text"),
    ("isnan isinf isfinite", "float null", "bool"),
    ("now current_timestamp get_current_timestamp transaction_timestamp", "", "timestamptz"),
    ("today current_date", "", "date"),
    ("random", "", "float"),
    ("count count_star approx_count_distinct", "*", "int"),
    (
        "min max any_value arbitrary first last mode first_value last_value",
        "text int decimal float bool date timestamp timestamptz time interval uuid null sum other",
        None,
    ),
    ("sum", "int", "int"),
    ("sum product", "float", "float"),
    (
        "avg mean stddev stddev_pop stddev_samp var_pop var_samp variance median",
        "int float",
        "float",
    ),
    ("bool_and bool_or", "bool", "bool"),
    ("count_if countif", "bool", "int"),
    ("list array_agg histogram", "*", "other"),
    ("string_agg group_concat listagg", "text literal", "text"),
    ("row_number rank dense_rank rank_dense", "", "int"),
    ("percent_rank cume_dist", "", "float"),
    ("grouping grouping_id", "*", "int"),
)
_LEAKPROOF["sum"] = (frozenset({"int", "float", "decimal"}), "sum")
_LEAKPROOF["avg"] = _LEAKPROOF["mean"] = (frozenset({"int", "float", "decimal"}), "float")

SOURCE = Source(
    _FUNCTIONS,
    _LEAKPROOF,
    {
        "range": ("range",),
        "generate_series": ("generate_series",),
        "unnest": ("unnest",),
        "json_each": _JSON_EACH,
        "json_tree": _JSON_EACH,
        "pg_timezone_names": ("name", "abbrev", "utc_offset", "is_dst"),
        "icu_calendar_names": ("name",),
    },
)
