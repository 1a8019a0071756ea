import {
  checkpointNote,
  decodeBundle,
  decodeLeaf,
  inclusionProof,
  LEAF_KINDS,
  type LeafKind,
  type NoteKey,
  readTilePath,
  type SignedCheckpoint,
  sealReceipt,
  TILE_WIDTH,
  tileWidth,
  writeTlogProof,
} from '#evidence';
import { FaultError } from '#faults';
import type { IndexedLeaf, LeafIndex, LeafQuery } from './index/leaf-index.js';
import type { ReceiptSigner } from './keys/ledger-keys.js';
import type { LogFiles } from './log/log-files.js';
import type { Publication } from './publication.js';
import { keyOf, type LeafKeys } from './store/leaf-keys.js';

/** What receipts and policies are made of. */
export interface ReceiptDesk {
  readonly issuer: string;
  readonly receiptKey: ReceiptSigner;
  readonly policyLines: () => string;
  /** The SQL index; undefined where there is none. Throws LOG_INDEX_UNAVAILABLE. */
  readonly index: () => LeafIndex | undefined;
  readonly now: () => Date;
}

/** Answers readers from what is published, and never from more: what is not covered by a signed checkpoint does not exist yet. */
export class LogReader {
  constructor(
    private readonly files: LogFiles,
    private readonly keys: LeafKeys,
    private readonly publication: Publication,
    private readonly key: NoteKey,
    private readonly desk: ReceiptDesk,
  ) {}

  names(): { readonly origin: string; readonly vkey: string } {
    return { origin: this.key.name, vkey: this.key.vkey };
  }

  /** How many leaves are published. */
  size(): number {
    return this.published().size;
  }

  checkpoint(): string {
    return checkpointNote(this.published());
  }

  /** The newest checkpoint with a quorum of cosignatures; undefined before the first one. */
  cosigned(): string | undefined {
    const { cosignedCheckpoint } = this.publication;
    return cosignedCheckpoint === undefined ? undefined : checkpointNote(cosignedCheckpoint);
  }

  /** The file at a path of tlog-tiles; undefined where the published tree has no such tile. */
  async tile(path: string): Promise<Buffer | undefined> {
    const named = readTilePath(path);
    if (named === undefined) return undefined;
    const { level, index, width } = named;
    if (tileWidth(level === 'entries' ? 0 : level, index, this.size()) < width) return undefined;
    return level === 'entries' ? this.files.bundle(index, width) : this.files.tile({ level, index, width });
  }

  /** The index of a leaf by its kind and id; undefined where there is none. */
  async find(kind: string, id: string): Promise<number | undefined> {
    const k = LEAF_KINDS.find((known): known is LeafKind => known === kind);
    return k === undefined ? undefined : (await this.keys.find([keyOf({ k, id })]))[0]?.index;
  }

  /** The leaves that a query asks for, and how many the index has. Throws LOG_INDEX_OFF and LOG_INDEX_UNAVAILABLE. */
  async search(query: LeafQuery): Promise<{ readonly leaves: readonly IndexedLeaf[]; readonly indexed: number }> {
    const index = this.desk.index();
    if (index === undefined) throw new FaultError('LOG_INDEX_OFF', this.key.name);
    try {
      return { leaves: await index.find(query), indexed: await index.size() };
    } catch (cause) {
      throw new FaultError('LOG_INDEX_UNAVAILABLE', this.key.name, { cause }); // its message might name the server
    }
  }

  /** The entry at an index of the published tree. Throws LOG_DIFFERS where the files do not have it. */
  async leaf(index: number): Promise<{ readonly entry: Buffer; readonly size: number }> {
    const size = this.size();
    const bundle = Math.floor(index / TILE_WIDTH);
    const entries = decodeBundle(await this.files.bundle(bundle, tileWidth(0, bundle, size)));
    const entry = entries?.[index % TILE_WIDTH];
    if (entry === undefined) throw new FaultError('LOG_DIFFERS', `entry ${index} is missing`);
    return { entry, size };
  }

  /** The proof of a leaf against the cosigned checkpoint where that covers it, otherwise against the newest. */
  async proof(index: number): Promise<string> {
    const { cosignedCheckpoint } = this.publication;
    const checkpoint = (cosignedCheckpoint?.size ?? 0) > index ? (cosignedCheckpoint ?? this.published()) : this.published();
    const path = await inclusionProof((tile) => this.files.tile(tile), index, checkpoint.size);
    return writeTlogProof({ index, path, checkpoint: checkpointNote(checkpoint) });
  }

  /** The proof against the first checkpoint after the leaf that was time-stamped, and the stamp; undefined where there is none. */
  async stampedProof(index: number): Promise<{ readonly proof: string; readonly timestamp: string } | undefined> {
    const size = (await this.files.stampedSizes()).find((stamped) => stamped > index && stamped <= this.size());
    const stamp = size === undefined ? undefined : await this.files.readStamp(size);
    if (size === undefined || stamp === undefined) return undefined;
    const path = await inclusionProof((tile) => this.files.tile(tile), index, size);
    return { proof: writeTlogProof({ index, path, checkpoint: stamp.note }), timestamp: stamp.answer.toString('base64') };
  }

  /** A signed statement that a leaf stands where it stands. Throws LOG_DIFFERS. */
  async receipt(index: number): Promise<string> {
    const { entry } = await this.leaf(index);
    const leaf = decodeLeaf(entry);
    if (leaf === undefined) throw new FaultError('LOG_DIFFERS', `entry ${index} is no leaf`);
    const { issuer, receiptKey, now } = this.desk;
    const iat = Math.floor(now().getTime() / 1000);
    return sealReceipt({ iss: issuer, iat, log: this.key.name, index, leaf }, receiptKey);
  }

  /** The keys that verify receipts (RFC 7517). */
  keySet(): string {
    return this.desk.receiptKey.keySet;
  }

  /** What a verifier needs to know of this log and its witnesses (C2SP tlog-policy). */
  policy(): string {
    return `log ${this.key.vkey}\n${this.desk.policyLines()}`;
  }

  private published(): SignedCheckpoint {
    const { checkpoint } = this.publication;
    if (checkpoint === undefined) throw new FaultError('LOG_STORE_UNAVAILABLE', 'nothing is published yet');
    return checkpoint;
  }
}
