import { sha256Base64url, sha256Digest } from '#canonical';
import {
  type DisclosedClaims,
  type DisclosedVerification,
  type EnvelopeClaims,
  isDisclosable,
  type KeySet,
  readKeySet,
  type Verification,
  verify,
  verifyDisclosed,
} from '#envelope';
import { decodeLeaf, type Leaf } from '../log/leaf.js';
import { readTlogProof, verifyTlogProof } from '../log/tlog-proof.js';
import type { SignedCheckpoint } from '../note/checkpoint.js';
import { type Policy, readPolicy } from '../note/policy.js';
import type { Bundle } from './bundle.js';
import { isReceiptOf, openReceipt } from './receipt.js';

/** The checks of a bundle, in their order. */
export const BUNDLE_STEPS = [
  'leaf',
  'policy',
  'proof',
  'log signature',
  'witnesses',
  'inclusion',
  'envelope',
  'envelope is the leaf',
  'schema',
  'receipt',
] as const;
export type BundleStepName = (typeof BUNDLE_STEPS)[number];

/** One check and how it went; `not asked` where the bundle has nothing to check. */
export interface BundleStep {
  readonly name: BundleStepName;
  readonly result: 'held' | 'failed' | 'not asked' | 'not reached';
  /** Why it failed: a fault code or a few words, never content. */
  readonly why?: string;
}

/** What whoever verifies brings along; what they do not bring is taken from the bundle, which proves consistency but no identity. */
export interface BundleTrust {
  readonly policy?: Policy;
  readonly keys?: KeySet;
  readonly now: Date;
}

/** What a bundle proves. Everything but `ok` and `steps` is only there where all checks hold. */
export interface BundleVerdict {
  readonly ok: boolean;
  readonly steps: readonly BundleStep[];
  readonly leaf?: Leaf;
  readonly index?: number;
  readonly checkpoint?: SignedCheckpoint;
  /** Which witnesses saw it, and when (seconds since 1970). */
  readonly cosigned?: ReadonlyMap<string, number>;
  readonly claims?: EnvelopeClaims | DisclosedClaims;
}

/** Verifies a bundle: no network and no clock but the `now` that is given. */
export function verifyBundle(bundle: Bundle, trust: BundleTrust): BundleVerdict {
  const steps: BundleStep[] = [];
  const held = (name: BundleStepName): void => void steps.push({ name, result: 'held' });
  const skip = (name: BundleStepName): void => void steps.push({ name, result: 'not asked' });
  const fail = (name: BundleStepName, why: string): BundleVerdict => {
    steps.push({ name, result: 'failed', why });
    const rest = BUNDLE_STEPS.slice(steps.length).map((left) => ({ name: left, result: 'not reached' as const }));
    return { ok: false, steps: [...steps, ...rest] };
  };

  const entry = Buffer.from(bundle.leaf);
  const leaf = decodeLeaf(entry);
  if (leaf === undefined) return fail('leaf', 'not a leaf');
  held('leaf');
  const policy = trust.policy ?? policyOf(bundle);
  if (policy === undefined) return fail('policy', 'not a policy');
  held('policy');
  const proof = readTlogProof(bundle.proof);
  if (proof === undefined) return fail('proof', 'not a tlog-proof');
  held('proof');
  const proven = verifyTlogProof(proof, entry, policy);
  if (!proven.ok && proven.wrong === 'checkpoint') return fail('log signature', 'not signed by a log of the policy');
  held('log signature');
  if (!proven.ok && proven.wrong === 'quorum') return fail('witnesses', 'no quorum of the policy');
  held('witnesses');
  if (!proven.ok) return fail('inclusion', 'the path does not lead to the root');
  held('inclusion');

  const { checkpoint, cosigned } = proven;
  const seen = seenBy(cosigned);
  const keys = trust.keys ?? keysOf(bundle);
  let verification: Verification | DisclosedVerification | undefined;
  if (bundle.envelope === undefined) {
    skip('envelope');
    skip('envelope is the leaf');
  } else {
    if (keys === undefined) return fail('envelope', 'no keys');
    const envelope = Buffer.from(bundle.envelope, 'latin1');
    const options = { keys, now: trust.now, audience: 'any' as const, ...(seen === undefined ? {} : { trustedTime: seen }) };
    verification = isDisclosable(envelope) ? verifyDisclosed(envelope, options) : verify(envelope, options);
    if (!verification.ok) return fail('envelope', verification.fault.code);
    held('envelope');
    if (!isLeafOf(leaf, bundle.envelope, verification.claims)) return fail('envelope is the leaf', 'another envelope');
    held('envelope is the leaf');
  }
  const claims = verification?.ok === true ? verification.claims : undefined;
  if (bundle.schema === undefined || claims === undefined) skip('schema');
  else if (digestOfSchema(bundle.schema) !== claims.schema.digest) return fail('schema', 'another schema');
  else held('schema');
  if (bundle.receipt === undefined) skip('receipt');
  else {
    const receipt = keys === undefined ? undefined : openReceipt(bundle.receipt, keys, seen ?? trust.now);
    if (receipt === undefined || !isReceiptOf(receipt, entry, proof.index, checkpoint.origin))
      return fail('receipt', 'does not hold');
    held('receipt');
  }
  return { ok: true, steps, leaf, index: proof.index, checkpoint, cosigned, ...(claims === undefined ? {} : { claims }) };
}

/** The latest cosignature: by then every key that was used must have been good; nobody's own word counts. */
function seenBy(cosigned: ReadonlyMap<string, number>): Date | undefined {
  return cosigned.size === 0 ? undefined : new Date(Math.max(...cosigned.values()) * 1000);
}

function policyOf({ policy }: Bundle): Policy | undefined {
  const read = readPolicy(policy);
  return 'policy' in read ? read.policy : undefined;
}

function keysOf({ keys }: Bundle): KeySet | undefined {
  try {
    return keys === undefined ? undefined : readKeySet(keys);
  } catch {
    return undefined; // a set that cannot be trusted is none
  }
}

function isLeafOf(
  { k, id, s256, rd }: Leaf,
  envelope: string,
  { iss, jti, record_digest: digest }: EnvelopeClaims | DisclosedClaims,
): boolean {
  const payload = Buffer.from(envelope.split('.')[1] ?? '', 'base64url');
  return k === 'record' && id === `${iss}|${jti}` && s256 === sha256Base64url(payload) && (rd === undefined || rd === digest);
}

/** As the registry computes it: the text, then the raw digests of the schemas that it references. */
function digestOfSchema({ text, references }: NonNullable<Bundle['schema']>): string {
  const raw = references.map((digest) => Buffer.from(digest.slice(digest.indexOf(':') + 1), 'base64url'));
  return sha256Digest(Buffer.from(text), ...raw);
}
