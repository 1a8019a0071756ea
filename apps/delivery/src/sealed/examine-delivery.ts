import { encryptedContent, isEncrypted, jtiOf, type KeySet, SD_RECORD_TYP } from '#envelope';
import { ORIGINS } from '#policy';
import { HEADER, memberOf, pseudonymIn, type ReceivedRecord, readSource, subjectUrn } from '#record';
import { examine, type SealedItem } from './examine.js';

/**
 * What stands on a consumer's topic, as decisions need it. What is encrypted only the consumer can open: of it counts what was noted
 * beside it when it was written; only delivery writes there.
 */
export function examineDelivery(record: ReceivedRecord, keys: KeySet, now: Date): SealedItem {
  const value = record.value ?? Buffer.alloc(0);
  const text = (name: string): string => {
    const noted = record.headers[name];
    return Buffer.isBuffer(noted) ? noted.toString('utf8') : '';
  };
  const own = record.headers[HEADER.ownSubject] === undefined ? undefined : subjectUrn(text(HEADER.ownSubject));
  if (record.headers[HEADER.ownSubject] !== undefined && (own === undefined || String(record.key) !== pseudonymIn(own)))
    return { record, fault: 'DELIVERY_MESSAGE' };
  const ownSubject = own === undefined ? {} : { ownSubject: own };
  if (!isEncrypted(value)) {
    const item = examine(record, keys, now, own === undefined);
    return 'fault' in item ? item : { record, content: { ...item.content, ...ownSubject } };
  }
  const agency = readSource(text(HEADER.source));
  const origin = ORIGINS.find((known) => known === text(HEADER.proved));
  const [id, under, inside] = [text(HEADER.id), text(HEADER.agreement), encryptedContent(value)];
  if (agency === undefined || origin === undefined || id === '' || under === '' || inside === undefined)
    return { record, fault: 'DELIVERY_MESSAGE' };
  const jti = jtiOf(`/${agency}`, id);
  const disclosable = inside === SD_RECORD_TYP;
  return { record, content: { jti, id, provider: memberOf(agency), agency, origin, disclosable, under, ...ownSubject } };
}
