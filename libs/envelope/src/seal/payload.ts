import { ClaimWriter } from './claim-writer.js';
import type { Statement, Terms } from './statement.js';

const quote = JSON.stringify; // escapes as RFC 8785 does for every string that is well-formed
const writer = new ClaimWriter();

/**
 * The RFC 8785 bytes of the claims, as base64url. The record's own canonical bytes are spliced in: taking them apart and writing them again
 * would cost more than all the rest together. Members stand in the order of their names.
 */
export function payloadOf(statement: Statement, terms: Terms, record: Buffer): string {
  const { aud, event, iat, iss, jti, op, origin, record_digest, request, salt, seq, sub } = statement;
  const constant = constantsOf(terms);
  writer.begin().plain('{');
  if (aud !== undefined) writer.plain('"aud":').quoted(aud).plain(',');
  writer.plain('"event":{"dataschema":').quoted(event.dataschema).plain(',"id":').quoted(event.id);
  writer.plain(',"source":').quoted(event.source).plain(',"subject":').quoted(event.subject);
  writer.plain(',"time":').quoted(event.time).plain(',"type":').quoted(event.type);
  writer.plain('},"iat":').plain(String(iat)).plain(',"iss":').quoted(iss).plain(',"jti":').quoted(jti);
  writer.plain(',').bytes(constant.law).plain(',"op":').quoted(op);
  writer.plain(',"origin":{"agency":').quoted(origin.agency).plain(',"auth":').quoted(origin.auth);
  writer.plain(',"digest":').quoted(origin.digest).plain(',"received":').quoted(origin.received);
  if (origin.seal !== undefined) writer.plain(',"seal":').quoted(origin.seal);
  writer.plain('},"record":').bytes(record).plain(',"record_digest":').quoted(record_digest);
  if (request !== undefined) writer.plain(',"request":').quoted(request);
  writer.plain(',"salt":').quoted(salt).plain(',').bytes(constant.schema);
  writer.plain(',"seq":').plain(String(seq)).plain(',"sub":').quoted(sub).plain('}');
  return writer.toBase64url();
}

const constants = new WeakMap<Terms, { readonly law: Buffer; readonly schema: Buffer }>();

function constantsOf(terms: Terms) {
  const known = constants.get(terms);
  if (known !== undefined) return known;
  const { law, schema } = terms;
  const written = {
    law: Buffer.from(
      `"law":{"basis":${quote(law.basis)},"classification":${quote(law.classification)},"retention":${quote(law.retention)}}`,
    ),
    schema: Buffer.from(`"schema":{"digest":"${schema.digest}","subject":"${schema.subject}","version":${schema.version}}`),
  };
  constants.set(terms, written);
  return written;
}
