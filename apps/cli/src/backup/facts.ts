import { readKeyRecord } from '#envelope';
import { bundlePath, decodeBundle, leafHash, readCheckpointText, readNote, TILE_WIDTH, TreeEdge, tileWidth } from '#evidence';
import { readStoredSchema } from '#schema';
import type { Entry } from './entry.js';

/** What a backup says of its instance, and what a restored one must say again. */
export interface Facts {
  /** Schema versions. */
  readonly schemas: number;
  /** The state of each key, by its kid. */
  readonly keys: Readonly<Record<string, string>>;
  /** The head of the evidence log; undefined where there is none. */
  readonly log?: { readonly origin: string; readonly size: number; readonly root: string };
  readonly files: number;
  readonly records: number;
}

/**
 * Learns the facts from entries as they pass. The root of the log is computed from the entries of the log themselves, in order, so
 * that it is a fact of the tiles and not of the note about them.
 */
export class FactsOf {
  private readonly schemas = new Set<string>();
  private readonly keys = new Map<string, string>();
  private readonly tree = TreeEdge.empty();
  private checkpoint: { readonly origin: string; readonly size: number; readonly root: Buffer } | undefined;
  private files = 0;
  private records = 0;

  take(entry: Entry): void {
    if (entry.kind === 'file') this.takeFile(entry.path, entry.content);
    else this.takeRecord(entry);
  }

  /** Why the log does not hold together; undefined where it does. */
  flaw(): string | undefined {
    if (this.checkpoint === undefined) return undefined;
    const { size, root } = this.checkpoint;
    if (this.tree.size !== size) return `the checkpoint has ${size} leaves, the entries are ${this.tree.size}`;
    return this.tree.root().equals(root) ? undefined : 'the entries give another root than the checkpoint';
  }

  facts(): Facts {
    const { schemas, keys, checkpoint, files, records } = this;
    const log = checkpoint === undefined ? {} : { log: { ...checkpoint, root: checkpoint.root.toString('base64') } };
    return { schemas: schemas.size, keys: Object.fromEntries([...keys].sort()), ...log, files, records };
  }

  private takeFile(path: string, content: Buffer): void {
    this.files += 1;
    if (path === 'log/checkpoint') this.checkpoint = readCheckpointText(readNote(content.toString('utf8'))?.text ?? '');
    if (this.checkpoint === undefined || this.tree.size === this.checkpoint.size) return;
    const index = Math.floor(this.tree.size / TILE_WIDTH);
    const width = tileWidth(0, index, this.checkpoint.size);
    if (path !== `log/${bundlePath(index, width)}` && path !== `log/${bundlePath(index, TILE_WIDTH)}`) return;
    for (const leaf of (decodeBundle(content) ?? []).slice(0, width)) this.tree.append(leafHash(leaf));
  }

  private takeRecord({ topic, key, value }: Extract<Entry, { kind: 'record' }>): void {
    this.records += 1;
    const name = key?.toString('utf8') ?? '';
    if (topic === 'schemas') {
      if (value !== null && readStoredSchema(name, value) !== undefined) this.schemas.add(name);
      else this.schemas.delete(name);
    }
    if (topic === 'keys') {
      const record = readKeyRecord(name, value ?? undefined);
      if (record === undefined) this.keys.delete(name);
      else this.keys.set(name, record.state);
    }
  }
}
