import type { Statement, Terms } from './statement.js';

const quote = JSON.stringify; // escapes as RFC 8785 does for every string that is well-formed

/**
 * The RFC 8785 bytes of the claims, until the next call. The record's own canonical bytes are spliced in: taking them apart and writing them again
 * would cost more than all the rest together. Members stand in the order of their names.
 */
export function payloadOf(statement: Statement, terms: Terms, record: Buffer): Buffer {
  const { aud, event, iat, iss, jti, op, origin, record_digest, request, salt, seq, sub } = statement;
  const constant = constantsOf(terms);
  const before =
    `{${aud === undefined ? '' : `"aud":${quote(aud)},`}"event":{"dataschema":${quote(event.dataschema)},"id":${quote(event.id)},` +
    `"source":${quote(event.source)},"subject":${quote(event.subject)},"time":${quote(event.time)},"type":${quote(event.type)}},` +
    `"iat":${iat},"iss":${quote(iss)},"jti":"${jti}",${constant.law},"op":"${op}","origin":{"agency":${quote(origin.agency)},` +
    `"auth":"${origin.auth}","digest":"${origin.digest}","received":${quote(origin.received)}` +
    `${origin.seal === undefined ? '' : `,"seal":"${origin.seal}"`}},"record":`;
  const after =
    `,"record_digest":"${record_digest}",${request === undefined ? '' : `"request":"${request}",`}"salt":"${salt}",` +
    `${constant.schema},"seq":${seq},"sub":${quote(sub)}}`;
  const room = before.length * 3 + record.length + after.length * 3; // 3: no UTF-16 unit takes more in UTF-8
  if (scratch.length < room) scratch = Buffer.allocUnsafeSlow(room);
  const start = scratch.write(before, 0);
  const middle = start + record.copy(scratch, start);
  return scratch.subarray(0, middle + scratch.write(after, middle));
}

/** Payloads are encoded at once, so that one buffer serves all of them. */
let scratch = Buffer.allocUnsafeSlow(64 * 1024);

const constants = new WeakMap<Terms, { readonly law: string; readonly schema: string }>();

function constantsOf(terms: Terms) {
  const known = constants.get(terms);
  if (known !== undefined) return known;
  const { law, schema } = terms;
  const written = {
    law: `"law":{"basis":${quote(law.basis)},"classification":${quote(law.classification)},"retention":${quote(law.retention)}}`,
    schema: `"schema":{"digest":"${schema.digest}","subject":"${schema.subject}","version":${schema.version}}`,
  };
  constants.set(terms, written);
  return written;
}
