/**
 * Confluent's own client for Node against a running registry: what it says stands on standard output as one line of JSON. Settings:
 * `REGISTRY`, and `CLIENT`, the folder in whose node_modules `@confluentinc/schemaregistry` lies.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.CLIENT, 'package.json'));
/** Not a dependency of this project, so no tool looks for it here. */
const CLIENT = '@confluentinc/schemaregistry';
const { SchemaRegistryClient, JsonSerializer, JsonDeserializer, SerdeType, HeaderSchemaIdSerializer } = require(CLIENT);

const schema = JSON.stringify({
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { id: { type: 'string' } },
  additionalProperties: false,
});
const client = new SchemaRegistryClient({ baseURLs: [process.env.REGISTRY] });
const id = await client.register('node-value', { schemaType: 'JSON', schema });
const latest = { useLatestVersion: true, autoRegisterSchemas: false };
const bytes = await new JsonSerializer(client, SerdeType.VALUE, latest).serialize('node', { id: 'x' });
const back = await new JsonDeserializer(client, SerdeType.VALUE, {}).deserialize('node', bytes);
const headers = {};
const byHeader = { ...latest, schemaIdSerializer: HeaderSchemaIdSerializer };
const plain = await new JsonSerializer(client, SerdeType.VALUE, byHeader).serialize('node', { id: 'y' }, headers);
const open = JSON.stringify({ type: 'object', properties: { id: { type: 'number' } } });
process.stdout.write(
  JSON.stringify({
    id,
    prefix: bytes.subarray(0, 5).toString('hex'),
    back,
    plain: plain.toString(),
    header: headers.__value_schema_id.toString('hex').slice(0, 2),
    compatible: await client.testCompatibility('node-value', 'latest', { schemaType: 'JSON', schema: open }),
    versions: await client.getAllVersions('node-value'),
  }),
);
