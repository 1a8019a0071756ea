import {
  CONFIGURATION_KEY,
  configurationDigest,
  MAX_CONFIGURATION_BYTES,
  type OpenConfiguration,
  openConfiguration,
  signConfiguration,
} from '#configuration';
import type { KeySet, Signer } from '#envelope';
import { FaultError } from '#faults';
import type { Configuration, Purpose, SignedAgreement } from '#policy';
import type { MemberId, OutgoingRecord } from '#record';
import type { DirectoryState } from '../state/directory-state.js';
import { type AgreementRecord, type PurposeRecord, participantOf } from '../state/records.js';
import type { Change } from '../state/register.js';

/** What publishing takes. */
export interface PublicationParts {
  readonly iss: MemberId;
  readonly signer: Signer;
  /** That key as the services know it. */
  readonly anchors: KeySet;
  readonly topic: string;
  readonly validSeconds: number;
  readonly classifications: () => Configuration['classifications'];
  readonly now: () => Date;
}

/**
 * What is kept free for ending things: enough to revoke every agreement and to suspend every member that fit in. Otherwise whoever fills the
 * configuration to its last byte could no longer be stopped.
 */
const KEPT_FREE_BYTES = 128 * 1024;

/**
 * Makes the configuration that follows from a state of the directory. Each one is opened as a service would open it before it is written:
 * what no service would believe is not published.
 */
export class Publication {
  #proved: OpenConfiguration | undefined;

  constructor(private readonly parts: PublicationParts) {}

  /**
   * The record to write, and the number of the content where it is new. Rejects with KEY_STORE_UNAVAILABLE, KEY_UNPROVEN and
   * CONFIGURATION_TOO_LARGE: then nothing is changed either. What `adds` something must leave room for what ends something.
   */
  async next(state: DirectoryState, change: Change | undefined, adds: boolean): Promise<readonly (OutgoingRecord | Change)[]> {
    const configuration = this.#compose(state, change);
    const digest = configurationDigest(configuration);
    const last = state.version();
    const isNew = last?.digest !== digest;
    const version = (last?.version ?? 0) + (isNew ? 1 : 0);
    const value = await this.#sign(version, configuration);
    const room = MAX_CONFIGURATION_BYTES - KEPT_FREE_BYTES;
    if (isNew && adds && value.length > room) throw new FaultError('CONFIGURATION_TOO_LARGE', `${value.length} of ${room} bytes`);
    const record = { topic: this.parts.topic, key: CONFIGURATION_KEY, partition: 0, value, headers: {} };
    return isNew ? [{ kind: 'version', id: 'current', record: { version, digest } }, record] : [record];
  }

  async #sign(version: number, configuration: Configuration): Promise<Buffer> {
    const { iss, signer, anchors, validSeconds, now } = this.parts;
    const value = Buffer.from(await signConfiguration({ iss, version, configuration }, signer, now(), validSeconds));
    // One of an older try may have been proved and never written: only the digest is taken over from it.
    const known = this.#proved?.version === version ? this.#proved : undefined;
    const proof = openConfiguration(
      value,
      anchors,
      now(),
      known?.digest === configurationDigest(configuration) ? known : undefined,
    );
    if (!proof.ok) throw new FaultError('KEY_UNPROVEN', `the configuration does not hold: ${proof.code} ${proof.detail}`);
    this.#proved = proof.value;
    return value;
  }

  #compose(state: DirectoryState, change: Change | undefined): Configuration {
    return {
      members: changed(state.members(), change?.kind === 'member' ? change.record : undefined).map(participantOf),
      purposes: changed(state.purposes(), change?.kind === 'purpose' ? change.record : undefined).map(publicPurpose),
      agreements: changed(state.agreements(), change?.kind === 'agreement' ? change.record : undefined).map(publicAgreement),
      classifications: this.parts.classifications(),
    };
  }
}

/** The list with one entry replaced or added, in order of the ids. */
function changed<T extends { readonly id: string }>(list: readonly T[], entry: T | undefined): readonly T[] {
  if (entry === undefined) return list;
  return [...list.filter(({ id }) => id !== entry.id), entry].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const publicPurpose = ({ acts: _acts, ...purpose }: PurposeRecord): Purpose => purpose;
const publicAgreement = ({ acts: _acts, ...agreement }: AgreementRecord): SignedAgreement => agreement;
