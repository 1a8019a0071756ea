/** DER of the algorithm identifier of SHA-256 (RFC 5754). */
const SHA256_ID = Buffer.from('300d06096086480165030402010500', 'hex');
const NONCE_BYTES = 8;

/**
 * A time-stamp request over a SHA-256 digest (RFC 3161 section 2.4.1): version 1, with the nonce, and asking for the certificate, so
 * that the answer can be verified without asking anybody.
 */
export function timestampRequest(digest: Buffer, nonce: Buffer): Buffer {
  if (nonce.length !== NONCE_BYTES) throw new RangeError('a nonce has 8 bytes');
  const number = Buffer.from(nonce);
  number[0] = ((number[0] ?? 0) & 0x7f) | 0x40; // positive, and as long as it is written
  const imprint = der(0x30, SHA256_ID, der(0x04, digest));
  return der(0x30, der(0x02, Buffer.from([1])), imprint, der(0x02, number), der(0x01, Buffer.from([0xff])));
}

/**
 * Whether an answer says that the time-stamp was granted and holds one for this digest. This is no proof: the signature is for
 * openssl (`openssl ts -verify`) or another tool to verify, which know certificates.
 */
export function isGranted(answer: Buffer, digest: Buffer): boolean {
  // TimeStampResp ::= SEQUENCE { status SEQUENCE { INTEGER 0 | 1, … }, token }
  const outer = contentOf(answer, 0x30);
  const info = outer === undefined ? undefined : contentOf(outer, 0x30);
  const status = info === undefined ? undefined : contentOf(info, 0x02);
  return status?.length === 1 && (status[0] ?? 2) <= 1 && answer.includes(digest);
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length > 127) throw new RangeError('too long for a short length');
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}

/** The content of the first element, where it has this tag. */
function contentOf(bytes: Buffer, tag: number): Buffer | undefined {
  const [found, first = 0] = bytes;
  if (found !== tag) return undefined;
  const long = first > 127 ? first - 128 : 0;
  if (long > 4 || bytes.length < 2 + long) return undefined;
  const length = long === 0 ? first : bytes.readUIntBE(2, long);
  return bytes.length < 2 + long + length ? undefined : bytes.subarray(2 + long, 2 + long + length);
}
