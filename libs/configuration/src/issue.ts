import { canonicalize, type JsonValue, sha256Digest } from '#canonical';
import { type Signer, signatureOver } from '#envelope';
import { FaultError } from '#faults';
import type { Configuration } from '#policy';
import type { MemberId } from '#record';

/** The key under which the configuration that counts lies on the topic `configuration`. */
export const CONFIGURATION_KEY = 'current';
/** The media type of a signed configuration. */
export const CONFIGURATION_TYP = 'khidi-configuration+jwt';
/** One configuration is one message: a topic takes 2 MiB. */
export const MAX_CONFIGURATION_BYTES = 1536 * 1024;

/** What is signed. Times are seconds since 1970. */
export interface ConfigurationClaims {
  /** The operator, whose directory it is. */
  readonly iss: MemberId;
  readonly iat: number;
  /** Not after: whoever holds it then must stop. */
  readonly exp: number;
  /** 1, 2, …: grows with every change, and stays where only the time is renewed. */
  readonly version: number;
  /** Of the RFC 8785 form of `configuration`. */
  readonly digest: string;
  readonly configuration: Configuration;
}

/** A state of the directory, numbered. */
export type Issue = Pick<ConfigurationClaims, 'iss' | 'version' | 'configuration'>;

/** The digest by which a state of the directory is known. */
export function configurationDigest(configuration: Configuration): string {
  return sha256Digest(canonicalize(configuration as unknown as JsonValue));
}

/**
 * Signs a configuration for `seconds` from `at`, as a compact JWS. Throws CONFIGURATION_TOO_LARGE; rejects with KEY_STORE_UNAVAILABLE and
 * KEY_UNPROVEN.
 */
export async function signConfiguration(issue: Issue, signer: Signer, at: Date, seconds: number): Promise<string> {
  const part = (value: unknown) => canonicalize(value).toString('base64url');
  const iat = Math.floor(at.getTime() / 1000);
  const { iss, version, configuration } = issue;
  const header = part({ alg: 'ES256', kid: signer.kid, typ: CONFIGURATION_TYP });
  const claims = { configuration, digest: configurationDigest(configuration), exp: iat + seconds, iat, iss, version };
  const signed = `${header}.${part(claims)}`;
  const room = MAX_CONFIGURATION_BYTES - 100;
  if (signed.length > room) throw new FaultError('CONFIGURATION_TOO_LARGE', `${signed.length} of ${room} bytes`);
  return `${signed}.${await signatureOver(signed, signer)}`;
}
