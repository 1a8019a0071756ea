import { type JsonValue, sha256Base64url } from '#canonical';
import { jtiOf } from '#envelope';
import { type Bundle, decodeLeaf, type Leaf, readPolicy, readTlogProof, verifyTlogProof } from '#evidence';
import { HEADER, type ReceivedRecord, type RecordType, recordType, sealedTopic } from '#record';
import type { Instance } from '#settings';
import { CliError, EXIT } from '../exit.js';
import { askJson, askText, refuse } from '../fetch.js';
import { kafkaOfInstance, withKafka } from '../kafka.js';
import { requireService } from '../local.js';
import { schemaOf } from './schema-of.js';

const PATIENCE_MS = 20_000;
const PAUSE_MS = 250;

/** Collects everything that proves one leaf, from the services of an instance. `query` names the leaf as the ledger takes it. */
export async function collect(instance: Instance, query: URLSearchParams): Promise<Bundle> {
  const ledger = requireService(instance, 'ledger').url;
  const { index, entry } = await leafOf(ledger, query);
  const leaf = decodeLeaf(Buffer.from(entry));
  if (leaf === undefined) throw new CliError(EXIT.no, 'The ledger names a leaf that is none.');
  const policy = await text(`${ledger}/v1/policy`);
  const envelope = leaf.k === 'record' ? await findEnvelope(instance, leaf) : undefined;
  const [stamped, receipt, keys] = await Promise.all([
    stampOf(ledger, index),
    text(`${ledger}/v1/receipt?index=${index}`),
    keysOf([`${requireService(instance, 'signing').url}/.well-known/jwks.json`, `${ledger}/.well-known/jwks.json`]),
  ]);
  const schema = envelope === undefined ? undefined : await schemaOf(requireService(instance, 'schema-registry').url, envelope);
  return {
    leaf: entry,
    proof: stamped?.proof ?? (await proofOf(ledger, index, entry, policy)),
    policy,
    ...(envelope === undefined ? {} : { envelope }),
    keys,
    ...(schema === undefined ? {} : { schema }),
    ...(stamped === undefined ? {} : { timestamp: stamped.timestamp }),
    receipt,
  };
}

async function leafOf(ledger: string, query: URLSearchParams): Promise<{ readonly index: number; readonly entry: string }> {
  const { status, body } = await askJson(`${ledger}/v1/leaf?${query}`);
  if (status !== 200) refuse('the ledger', status, body);
  return body as { index: number; entry: string };
}

/** The proof as soon as enough witnesses have cosigned a checkpoint that covers the leaf. */
async function proofOf(ledger: string, index: number, entry: string, policyText: string): Promise<string> {
  const read = readPolicy(policyText);
  if ('mistakes' in read) throw new CliError(EXIT.no, `The policy of the ledger cannot be read: ${read.mistakes.join('; ')}.`);
  for (const end = Date.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))) {
    const found = await text(`${ledger}/v1/proof?index=${index}`);
    const proof = readTlogProof(found);
    const verdict = proof === undefined ? undefined : verifyTlogProof(proof, Buffer.from(entry), read.policy);
    if (verdict?.ok === true) return found;
    if (Date.now() > end) throw new CliError(EXIT.unreachable, 'The witnesses have not cosigned the leaf yet: try again later.');
  }
}

async function stampOf(
  ledger: string,
  index: number,
): Promise<{ readonly proof: string; readonly timestamp: string } | undefined> {
  const { status, body } = await askJson(`${ledger}/v1/timestamp?index=${index}`);
  return status === 200 ? (body as { proof: string; timestamp: string }) : undefined;
}

async function keysOf(urls: readonly string[]): Promise<JsonValue> {
  const sets = await Promise.all(urls.map((url) => askJson(url)));
  return { keys: sets.flatMap(({ body }) => (body as { keys?: JsonValue[] } | undefined)?.keys ?? []) };
}

async function text(url: string): Promise<string> {
  const { status, text: body } = await askText(url);
  if (status !== 200) refuse('the ledger', status, undefined);
  return body;
}

/** The envelope on the sealed topic; undefined where it is not kept any more, or its body was erased. */
async function findEnvelope(instance: Instance, leaf: Leaf): Promise<string | undefined> {
  const type: RecordType | undefined = recordType(leaf.type ?? '');
  if (type === undefined) return undefined;
  const jti = leaf.id.slice(leaf.id.indexOf('|') + 1);
  return withKafka(kafkaOfInstance(instance), async (client) => {
    const topic = sealedTopic(type);
    const ends = await client.admin.endOffsets(topic);
    const found = await Promise.all(
      ends.map(async ({ partition, start, end }): Promise<string | undefined> => {
        if (BigInt(end) <= BigInt(start)) return undefined;
        let envelope: string | undefined;
        let finish: () => void = () => undefined;
        const finished = new Promise<void>((resolve) => {
          finish = resolve;
        });
        const reader = client.transport.read({ topic, partition, from: 'earliest' }, async ({ records, next }) => {
          envelope ??= records.find((record) => isOf(record, jti, leaf))?.value?.toString('latin1');
          if (envelope !== undefined || next >= BigInt(end)) finish();
        });
        await Promise.race([finished, reader.done]);
        await reader.stop();
        return envelope;
      }),
    );
    return found.find((envelope) => envelope !== undefined);
  });
}

/** Headers only save time; what decides is the payload that the leaf names. */
function isOf({ headers, value }: ReceivedRecord, jti: string, { s256 }: Leaf): boolean {
  if (value === null || jtiOf(String(headers[HEADER.source]), String(headers[HEADER.id])) !== jti) return false;
  return sha256Base64url(Buffer.from(value.toString('latin1').split('.')[1] ?? '', 'base64url')) === s256;
}
