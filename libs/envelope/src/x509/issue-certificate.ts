import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bits, explicit, implicit, integer, octets, oid, sequence, set, time, utf8, yes } from './der.js';

/** A certificate to be issued for a P-256 key. */
export interface CertificateOrder {
  /** The whole of its subject. */
  readonly commonName: string;
  readonly publicKey: KeyObject;
  /** `authority` may sign others and nothing else; `client` and `peer` prove themselves, a `peer` also as a server. */
  readonly use: 'authority' | 'client' | 'peer';
  /** Names and IPv4 addresses that a peer answers to. */
  readonly hosts?: readonly string[];
  readonly from: Date;
  readonly to: Date;
}

/** Who signs. */
export interface CertificateIssuer {
  readonly commonName: string;
  readonly privateKey: KeyObject;
}

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const NAME = 2;
const ADDRESS = 7;

/** An X.509 certificate (RFC 5280) in PEM, signed with ECDSA and SHA-256 by the issuer's P-256 key. */
export function issueCertificate(order: CertificateOrder, issuer: CertificateIssuer): string {
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))), // version 3
    integer(randomBytes(16)),
    ECDSA_SHA256,
    nameOf(issuer.commonName),
    sequence(time(order.from), time(order.to)),
    nameOf(order.commonName),
    spkiOf(order.publicKey),
    explicit(3, sequence(...extensionsOf(order, issuer))),
  );
  const certificate = sequence(body, ECDSA_SHA256, bits(sign('sha256', body, issuer.privateKey)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function extensionsOf({ use, hosts = [], publicKey }: CertificateOrder, issuer: CertificateIssuer): Buffer[] {
  const issuing = createPublicKey(issuer.privateKey);
  const shared = [
    extension('2.5.29.14', octets(identifierOf(publicKey))),
    extension('2.5.29.35', sequence(implicit(0, identifierOf(issuing)))),
  ];
  if (use === 'authority') {
    const nobodyBelow = sequence(yes, integer(Buffer.from([0]))); // it signs certificates, but no other authority
    const signsCertificates = bits(Buffer.from([0x04]), 2);
    return [critical('2.5.29.19', nobodyBelow), critical('2.5.29.15', signsCertificates), ...shared];
  }
  const roles = ['1.3.6.1.5.5.7.3.2', ...(use === 'peer' ? ['1.3.6.1.5.5.7.3.1'] : [])];
  return [
    critical('2.5.29.19', sequence()),
    critical('2.5.29.15', bits(Buffer.from([0x80]), 7)), // digitalSignature
    extension('2.5.29.37', sequence(...roles.map(oid))),
    ...(hosts.length === 0 ? [] : [extension('2.5.29.17', sequence(...hosts.map(hostOf)))]),
    ...shared,
  ];
}

const extension = (type: string, value: Buffer): Buffer => sequence(oid(type), octets(value));
const critical = (type: string, value: Buffer): Buffer => sequence(oid(type), yes, octets(value));

const nameOf = (commonName: string): Buffer => sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))));

const spkiOf = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });

/** RFC 7093, section 2, method 4 cut to the usual 20 bytes. */
const identifierOf = (key: KeyObject): Buffer => createHash('sha256').update(spkiOf(key)).digest().subarray(0, 20);

function hostOf(host: string): Buffer {
  return isIPv4(host) ? implicit(ADDRESS, Buffer.from(host.split('.').map(Number))) : implicit(NAME, Buffer.from(host, 'latin1'));
}
