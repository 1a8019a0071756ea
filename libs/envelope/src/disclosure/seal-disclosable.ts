import { canonicalize, isJsonObject, type JsonValue, parseStrict } from '#canonical';
import { FaultError, faultReport } from '#faults';
import { MAX_ENVELOPE_BYTES, SD_RECORD_TYP } from '../claims.js';
import { lowS, SIGNATURE_BYTES } from '../es256.js';
import type { Sealed } from '../seal/seal.js';
import type { Sealer } from '../seal/sealer.js';
import { type SealInput, stateRecord } from '../seal/statement.js';
import { conceal } from './conceal.js';

/**
 * Seals one record in the profile `khidi-record+sd-jwt` (RFC 9901): the same claims as an envelope, but every member of the record, the
 * subject, the digests and their salt stand in it as digests only. What comes back carries all disclosures and stays with us; each
 * consumer gets from it what its agreement allows, by {@link present}, all under the one signature. Rejects like `seal`.
 */
export async function sealDisclosable(input: SealInput, sealer: Sealer, at: Date): Promise<Sealed> {
  const iat = Math.floor(at.getTime() / 1000);
  const statement = stateRecord(input, sealer, iat);
  if ('code' in statement) return { ok: false, fault: statement };
  const record = parseStrict(input.record);
  if (!record.ok || !isJsonObject(record.value)) return { ok: false, fault: faultReport('SEAL_INPUT', '/record') };

  const fields = conceal(record.value, Object.keys(record.value));
  const event = conceal({ ...statement.event }, ['subject']);
  const origin = conceal(statement.origin as unknown as { [name: string]: JsonValue }, ['digest', 'seal']);
  const whole = { ...statement, ...input.terms } as unknown as { [name: string]: JsonValue };
  const claims = conceal({ ...whole, event: event.open, origin: origin.open, record: fields.open }, [
    'sub',
    'record_digest',
    'salt',
  ]);
  const part = (value: JsonValue) => canonicalize(value).toString('base64url');
  const { kid, x5t } = sealer.signer;
  const header = part({ alg: 'ES256', iat, kid, typ: SD_RECORD_TYP, ...(x5t === undefined ? {} : { 'x5t#S256': x5t }) });
  const signed = `${header}.${part({ ...claims.open, _sd_alg: 'sha-256' })}`;
  const signature = await Promise.resolve()
    .then(() => sealer.signer.sign(Buffer.from(signed)))
    .catch((cause: unknown) => {
      throw new FaultError('KEY_STORE_UNAVAILABLE', 'the signer failed', { cause });
    });
  if (signature.length !== SIGNATURE_BYTES) throw new FaultError('KEY_UNPROVEN', 'the signer returned no ES256 signature');
  const disclosures = [claims, event, origin, fields].flatMap((one) => one.disclosures);
  const envelope = Buffer.from([`${signed}.${lowS(signature).toString('base64url')}`, ...disclosures, ''].join('~'));
  if (envelope.length > MAX_ENVELOPE_BYTES) return { ok: false, fault: faultReport('SEAL_INPUT', '/record') };
  return { ok: true, envelope, statement };
}
