"""Confluent's own client for Python against a running registry; it prints one line of JSON. Argument: the registry's address."""
import json
import sys

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

schema = json.dumps({
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Place",
    "type": "object",
    "properties": {"id": {"type": "string"}},
    "additionalProperties": False,
})
client = SchemaRegistryClient({"url": sys.argv[1]})
context = SerializationContext("python", MessageField.VALUE)
id = client.register_schema("python-value", Schema(schema, "JSON"))
data = JSONSerializer(schema, client)({"id": "x"}, context)
back = JSONDeserializer(schema, schema_registry_client=client)(data, context)
other = Schema(json.dumps({"type": "object", "properties": {"id": {"type": "number"}}}), "JSON")
print(json.dumps({
    "id": id,
    "prefix": data[:5].hex(),
    "back": back,
    "compatible": client.test_compatibility("python-value", other),
    "versions": client.get_versions("python-value"),
}))
