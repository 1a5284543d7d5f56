"""PostgreSQL's allow-list: built-in functions of `pg_catalog` only.

Left out on purpose: whatever reads files, settings, catalogs, statistics, locks, sequences, other databases or query
text by string (`pg_*`, `current_setting`, `query_to_xml`, `ts_stat`, `ts_rewrite`, `dblink`, `lo_*`, `nextval`,
`has_*_privilege`), what looks up types or dictionaries by name (`to_reg*`, `ts_lexize`, `json_populate_record`), and
sleeping and seeding.
"""

from __future__ import annotations

from access.sql.functions.source import Source, signatures

_TEXT = "Pure function of its text arguments."
_NUMBER = "Pure function of its numeric arguments."
_TIME = "Pure function of its dates, times and the clock."
_ARRAY = "Pure function of its array arguments."
_JSON = "Pure function of its JSON arguments; paths address only the given value."
_AGGREGATE = "Summarises only rows that passed their policy view."
_WINDOW = "Ranks or looks around only among rows that passed their policy view."
_ROWS = "Makes rows from its arguments alone."
_CHOICE = "Chooses among its arguments."
_RANGE = "Pure function of its ranges and their ends."
_SEARCH = "Pure function of its text; a configuration can only be one that PostgreSQL ships, written as a constant."
_ADDRESS = "Pure function of its network addresses; asks no network."
_CONVERTS = "A cast to a plain type, spelled as a call."
_HASH = "Hashes its argument alone, with a key that is the same everywhere."
_GEOMETRY = "Pure function of its points and shapes."
_VALID = "Whether a text reads as a plain type, which can only be written as a constant."
_RANDOM = "Fresh random value; the seed cannot be set, so it tells nothing about rows."

_FUNCTIONS = (
    (
        "scalar",
        _TEXT,
        "ascii bit_length btrim char_length character_length chr concat concat_ws convert_from convert_to decode encode"
        " format initcap left length lower lpad ltrim md5 normalize octet_length overlay position quote_ident"
        " quote_literal quote_nullable regexp_count regexp_instr regexp_like regexp_match regexp_replace"
        " regexp_split_to_array regexp_substr repeat replace reverse right rpad rtrim sha224 sha256 sha384 sha512"
        " split_part starts_with string_to_array strpos substr substring to_bin to_hex to_oct translate trim unistr"
        " upper casefold crc32 crc32c unicode_assigned convert is_normalized parse_ident pg_size_bytes pg_size_pretty"
        " similar_to_escape to_ascii",
    ),
    ("scalar", _CONVERTS, "bool bpchar float4 float8 int2 int4 int8 text"),
    (
        "scalar",
        _HASH,
        "hash_array hash_array_extended hash_numeric hash_numeric_extended hash_record hash_record_extended hashbpchar"
        " hashbpcharextended hashbytea hashbyteaextended hashchar hashcharextended hashfloat4 hashfloat4extended"
        " hashfloat8 hashfloat8extended hashint2 hashint2extended hashint4 hashint4extended hashint8 hashint8extended"
        " hashtext hashtextextended interval_hash jsonb_hash jsonb_hash_extended timestamp_hash"
        " timestamp_hash_extended uuid_hash uuid_hash_extended",
    ),
    (
        "scalar",
        _GEOMETRY,
        "area bound_box box center circle diagonal diameter height isclosed ishorizontal isopen isparallel isperp"
        " isvertical line lseg npoints path pclose point polygon popen radius slope width",
    ),
    ("scalar", _VALID, "pg_input_is_valid"),
    (
        "scalar",
        _NUMBER,
        "abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh bit_count cbrt ceil ceiling cos cosd cosh"
        " cot cotd degrees div erf erfc exp factorial floor gamma gcd get_bit get_byte lcm lgamma ln log log10"
        " min_scale mod pi pow power radians round scale set_bit set_byte sign sin sind sinh sqrt tan tand tanh"
        " to_number trim_scale trunc width_bucket",
    ),
    (
        "scalar",
        _TIME,
        "age clock_timestamp date date_add date_bin date_part date_subtract date_trunc isfinite justify_days"
        " justify_hours justify_interval make_date make_interval make_time make_timestamp make_timestamptz now"
        " statement_timestamp timezone to_char to_date to_timestamp transaction_timestamp current_timestamp"
        " localtimestamp timeofday",
    ),
    ("scalar", _CHOICE, "coalesce greatest least nullif num_nonnulls num_nulls"),
    ("scalar", "Compares with each element of its argument.", "all some"),
    (
        "scalar",
        _RANGE,
        "int4range int8range numrange daterange tsrange tstzrange int4multirange int8multirange nummultirange"
        " datemultirange tsmultirange tstzmultirange multirange range_merge isempty lower_inc upper_inc lower_inf"
        " upper_inf",
    ),
    (
        "scalar",
        _SEARCH,
        "to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_headline ts_rank ts_rank_cd"
        " ts_delete ts_filter setweight strip numnode querytree tsquery_phrase tsvector_to_array array_to_tsvector",
    ),
    (
        "scalar",
        _ADDRESS,
        "abbrev broadcast family host hostmask inet_merge inet_same_family masklen netmask network set_masklen",
    ),
    (
        "scalar",
        _ARRAY,
        "array array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position"
        " array_positions array_prepend array_remove array_replace array_reverse array_sort array_to_string array_upper"
        " cardinality trim_array unnest row arraycontained arraycontains arrayoverlap",
    ),
    (
        "scalar",
        _JSON,
        "array_to_json json_array_length json_build_array json_build_object json_extract_path json_extract_path_text"
        " json_object json_strip_nulls json_typeof jsonb_array_length jsonb_build_array jsonb_build_object"
        " jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_path_exists jsonb_path_match"
        " jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls"
        " jsonb_typeof row_to_json to_json to_jsonb jsonb_exists jsonb_exists_any jsonb_exists_all json_value json_query"
        " json_exists json_scalar json_serialize jsonb_path_query jsonb_each jsonb_each_text json_each json_each_text"
        " jsonb_path_exists_tz jsonb_path_match_tz jsonb_path_query_array_tz jsonb_path_query_first_tz"
        " jsonb_path_query_tz jsonb_concat jsonb_contained jsonb_contains jsonb_delete jsonb_delete_path",
    ),
    ("scalar", _SEARCH, "json_to_tsvector jsonb_to_tsvector"),
    ("scalar", _RANDOM, "array_sample array_shuffle"),
    ("scalar", _RANDOM, "gen_random_uuid random random_normal uuidv4 uuidv7"),
    ("scalar", _TEXT, "uuid_extract_timestamp uuid_extract_version"),
    ("scalar", "Says which grouping a row belongs to.", "grouping"),
    ("scalar", "Names the type of a value of a policy view.", "pg_typeof"),
    (
        "aggregate",
        _AGGREGATE,
        "any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every json_agg"
        " json_object_agg jsonb_agg jsonb_object_agg max min mode percentile_cont percentile_disc regr_avgx regr_avgy"
        " regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp"
        " string_agg sum var_pop var_samp variance range_agg range_intersect_agg json_agg_strict jsonb_agg_strict"
        " json_object_agg_strict jsonb_object_agg_strict json_object_agg_unique jsonb_object_agg_unique json_arrayagg"
        " json_object_agg_unique_strict jsonb_object_agg_unique_strict",
    ),
    (
        "window",
        _WINDOW,
        "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value",
    ),
    (
        "table",
        _ROWS,
        "generate_series generate_subscripts unnest json_array_elements json_array_elements_text json_each"
        " json_each_text json_object_keys jsonb_array_elements jsonb_array_elements_text jsonb_each jsonb_each_text"
        " jsonb_object_keys jsonb_path_query jsonb_path_query_tz regexp_matches regexp_split_to_table string_to_table json_to_record"
        " json_to_recordset jsonb_to_record jsonb_to_recordset",
    ),
    (
        "scalar",
        _ROWS,
        "generate_series generate_subscripts jsonb_array_elements jsonb_array_elements_text",
    ),
    (
        "scalar",
        _ROWS,
        "json_array_elements json_array_elements_text jsonb_object_keys json_object_keys",
    ),
    ("scalar", _ROWS, "regexp_matches regexp_split_to_table string_to_table"),
)

_PAIR = ("key", "value")
_LEAKPROOF = signatures(
    ("lower upper btrim ltrim rtrim trim reverse", "text literal null", "text"),
    ("length char_length character_length octet_length", "text literal null", "int"),
    ("starts_with", "text literal null", "bool"),
    ("left right", "text literal int null", "text"),
    ("concat", "text literal int bool date timestamp uuid null", "text"),
    (
        "coalesce nullif greatest least",
        "text int decimal float bool date timestamp timestamptz uuid null",
        None,
    ),
    ("now transaction_timestamp statement_timestamp clock_timestamp", "", "timestamptz"),
    ("random", "", "float"),
    ("count", "*", "int"),
    (
        "min max any_value mode first_value last_value",
        "text int decimal float bool date timestamp timestamptz time interval uuid null sum other",
        None,
    ),
    ("sum", "int decimal float", "sum"),
    ("avg stddev stddev_pop stddev_samp var_pop var_samp variance", "int decimal float", "other"),
    ("bool_and bool_or every", "bool", "bool"),
    ("array_agg", "*", "other"),
    ("string_agg", "text literal", "text"),
    ("row_number rank dense_rank", "", "int"),
    ("percent_rank cume_dist", "", "float"),
    ("grouping", "*", "int"),
)

SOURCE = Source(
    _FUNCTIONS,
    _LEAKPROOF,
    {
        "json_each": _PAIR,
        "json_each_text": _PAIR,
        "jsonb_each": _PAIR,
        "jsonb_each_text": _PAIR,
        "json_array_elements": ("value",),
        "json_array_elements_text": ("value",),
        "jsonb_array_elements": ("value",),
        "jsonb_array_elements_text": ("value",),
    },
)
