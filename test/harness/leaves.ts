import { bundlePath, decodeBundle, decodeLeaf, leafHash, openCheckpoint, readVkey, TILE_WIDTH, TreeEdge } from '#evidence';

/** Reads the evidence log over HTTP as anybody may, each entry once, and proves every state that it sees by computing its root. */
export class LeafReader {
  /** How many leaves there are of each `<kind> <id>`. */
  readonly leaves = new Map<string, number>();
  /** States of the log that its entries do not lead to. */
  forks = 0;
  readonly #edge = TreeEdge.empty();

  constructor(
    private readonly url: string,
    private readonly vkey: string,
  ) {}

  get size(): number {
    return this.#edge.size;
  }

  /** Reads up to the checkpoint that is published now. Throws where the log does not answer. */
  async catchUp(): Promise<void> {
    const key = readVkey(this.vkey);
    const note = await (await this.#get('checkpoint')).text();
    const checkpoint = key === undefined ? undefined : openCheckpoint(note, key);
    if (checkpoint === undefined) throw new Error('the checkpoint does not hold');
    while (this.#edge.size < checkpoint.size) await this.#readBundle(Math.floor(this.#edge.size / TILE_WIDTH), checkpoint.size);
    if (this.#edge.size === checkpoint.size && !this.#edge.root().equals(checkpoint.root)) this.forks += 1;
    if (this.#edge.size > checkpoint.size) this.forks += 1;
  }

  async #readBundle(bundle: number, size: number): Promise<void> {
    const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
    const answer = await this.#get(bundlePath(bundle, width));
    const entries = decodeBundle(Buffer.from(await answer.arrayBuffer())) ?? [];
    if (entries.length !== width) throw new Error(`the bundle ${bundle} has ${entries.length} entries instead of ${width}`);
    for (const entry of entries.slice(this.#edge.size - bundle * TILE_WIDTH)) {
      this.#edge.append(leafHash(entry));
      const leaf = decodeLeaf(entry);
      if (leaf === undefined) continue;
      const name = `${leaf.k} ${leaf.id}`;
      this.leaves.set(name, (this.leaves.get(name) ?? 0) + 1);
    }
  }

  async #get(path: string): Promise<Response> {
    const answer = await fetch(`${this.url}/${path}`);
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
    return answer;
  }
}
