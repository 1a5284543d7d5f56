"""The few messages of the Spark Connect protocol that the gate speaks, declared by field number.

PySpark's own client holds the same messages, but importing it loads pandas, pyarrow and a second of Python into every
web worker. The numbers below are the wire format, which Spark keeps compatible between versions; fields that are not
listed are skipped by whoever reads them. What a client may do besides running a query (upload files, register
functions, plan commands) is left out, so that it cannot even be said.

Source: apache/spark, `sql/connect/common/src/main/protobuf/spark/connect/*.proto`; google/rpc/error_details.proto.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "gatehouse.spark"
_SCALARS = {"int32": 5, "int64": 3, "bool": 8, "string": 9, "bytes": 12, "enum": 5}

# Message: its fields as "name number type", a star before the type where it repeats.
_MESSAGES: dict[str, str] = {
    "UserContext": "user_id 1 string; user_name 2 string",
    "KeyValue": "key 1 string; value 2 string",
    "Sql": "query 1 string",
    "ListDatabases": "pattern 1 string",
    "ListTables": "db_name 1 string",
    "ListColumns": "table_name 1 string; db_name 2 string",
    "Catalog": "list_databases 3 ListDatabases; list_tables 4 ListTables; list_columns 6 ListColumns",
    "Relation": "sql 10 Sql; catalog 200 Catalog",
    "Plan": "root 1 Relation",
    "ExecutePlanRequest": "session_id 1 string; user_context 2 UserContext; plan 3 Plan; client_type 4 string;"
    " operation_id 6 string; tags 7 *string",
    "ArrowBatch": "row_count 1 int64; data 2 bytes",
    "ResultComplete": "",
    "ExecutePlanResponse": "arrow_batch 2 ArrowBatch; schema 7 DataType; result_complete 14 ResultComplete",
    "SchemaQuestion": "plan 1 Plan",
    "SchemaAnswer": "schema 1 DataType",
    "AnalyzePlanRequest": "session_id 1 string; user_context 2 UserContext; client_type 3 string;"
    " schema 4 SchemaQuestion",
    "AnalyzePlanResponse": "schema 2 SchemaAnswer",
    "ConfigSet": "pairs 1 *KeyValue",
    "ConfigGet": "keys 1 *string",
    "ConfigOperation": "set 1 ConfigSet; get_option 4 ConfigGet",
    "ConfigRequest": "session_id 1 string; user_context 2 UserContext; operation 3 ConfigOperation;"
    " client_type 4 string",
    "ConfigResponse": "session_id 1 string; pairs 2 *KeyValue",
    "InterruptRequest": "session_id 1 string; user_context 2 UserContext; client_type 3 string;"
    " interrupt_type 4 enum",
    "InterruptResponse": "interrupted_ids 2 *string",
    "ReleaseSessionRequest": "session_id 1 string; user_context 2 UserContext; client_type 3 string",
    "ReleaseSessionResponse": "session_id 1 string",
    "Nothing": "",
    "Decimal": "scale 1 int32; precision 2 int32",
    "Length": "length 1 int32",
    "Array": "element_type 1 DataType",
    "Map": "key_type 1 DataType; value_type 2 DataType",
    "StructField": "name 1 string; data_type 2 DataType",
    "Struct": "fields 1 *StructField",
    "DataType": "null 1 Nothing; binary 2 Nothing; boolean 3 Nothing; byte 4 Nothing; short 5 Nothing;"
    " integer 6 Nothing; long 7 Nothing; float 8 Nothing; double 9 Nothing; decimal 10 Decimal; string 11 Nothing;"
    " char 12 Length; var_char 13 Length; date 14 Nothing; timestamp 15 Nothing; timestamp_ntz 16 Nothing;"
    " calendar_interval 17 Nothing; year_month_interval 18 Nothing; day_time_interval 19 Nothing; array 20 Array;"
    " struct 21 Struct; map 22 Map; variant 25 Nothing; time 28 Nothing",
    "MetadataEntry": "key 1 string; value 2 string",
    "ErrorInfo": "reason 1 string; domain 2 string; metadata 3 *MetadataEntry",
    "Detail": "type_url 1 string; value 2 bytes",
    "Status": "code 1 int32; message 2 string; details 3 *Detail",
}

INTERRUPT_ALL = 1


def _declared() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="gatehouse/spark.proto", package=_PACKAGE, syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for text in filter(None, fields.split("; ")):
            _add_field(message, text)
    return file


def _add_field(message: Any, text: str) -> None:
    name, number, kind = text.split()
    repeated, kind = kind.startswith("*"), kind.removeprefix("*")
    field = message.field.add(name=name, number=int(number), label=3 if repeated else 1)
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type, field.type_name = 11, f".{_PACKAGE}.{kind}"


# A pool of its own: the same process may also hold PySpark's messages.
_pool = descriptor_pool.DescriptorPool()
_pool.Add(_declared())


def message(name: str) -> Any:
    """The class of a message; KeyError for one that is not declared here."""
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
