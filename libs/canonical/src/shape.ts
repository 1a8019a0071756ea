/**
 * One member name at its place among the names before it. The records of a register name the same members in the same order
 * again and again; a tree of such places lets a reader recognise a name by comparing bytes, without making a string, and lets
 * reader and writer keep what they worked out for a complete list of names (`known`).
 */
export class Shape<Known> {
  /** What was worked out for objects whose last name this is. */
  known: Known | undefined;
  /** How many objects ended here before anything was worked out. */
  visits = 0;
  /** The name that came next the last time: it usually comes next again. */
  likely: Shape<Known> | undefined;
  private others: Map<string, Shape<Known>> | undefined;
  private within: Shape<Known> | undefined;
  private bytes: Buffer | undefined;

  constructor(
    readonly name: string,
    private readonly before?: Shape<Known>,
    readonly size = 0,
  ) {}

  /** The name as most senders write it: in quotes, with no needless escape, in UTF-8. */
  get quoted(): Buffer {
    this.bytes ??= Buffer.from(JSON.stringify(this.name));
    return this.bytes;
  }

  /** Where the names of objects begin that stand in this member's value. */
  get inside(): Shape<Known> {
    this.within ??= new Shape('');
    return this.within;
  }

  /** All names up to and with this one. */
  names(): string[] {
    const names: string[] = [];
    for (let at: Shape<Known> = this; at.before !== undefined; at = at.before) names.push(at.name);
    return names.reverse();
  }

  /** The place of `name` after this one, if it was seen there. */
  find(name: string): Shape<Known> | undefined {
    const likely = this.likely;
    if (likely?.name === name) return likely;
    const other = this.others?.get(name);
    if (other !== undefined) this.likely = other;
    return other;
  }

  /** Makes a place for a name that {@link find} does not know. */
  add(name: string): Shape<Known> {
    const added = new Shape<Known>(name, this, this.size + 1);
    if (this.likely !== undefined) {
      this.others ??= new Map([[this.likely.name, this.likely]]);
      this.others.set(name, added);
    }
    this.likely = added;
    return added;
  }
}

/** What one document may add to the memory, so that a document made of ever new names costs no more than its parsing. */
const NEW_SHAPES_PER_DOCUMENT = 256;
/** The memory starts again when it is full: about 5 MB. */
const MAX_SHAPES = 10_000;
/** Larger objects and longer names are handled without the memory. */
const MAX_MEMBERS = 128;
const MAX_NAME_LENGTH = 128;

/** The bounded memory of the shapes seen lately. It never decides what is right, only how fast it is found. */
export class ShapeMemory<Known> {
  private root = new Shape<Known>('');
  private shapes = 0;
  private allowance = 0;

  /** The place where the names of a new document begin. */
  begin(): Shape<Known> {
    if (this.shapes >= MAX_SHAPES) {
      this.root = new Shape('');
      this.shapes = 0;
    }
    this.allowance = NEW_SHAPES_PER_DOCUMENT;
    return this.root;
  }

  /** The place of `name` after `shape`, or undefined where the memory does not want to know it. */
  step(shape: Shape<Known>, name: string): Shape<Known> | undefined {
    const found = shape.find(name);
    if (found !== undefined) return found;
    if (this.allowance === 0 || shape.size >= MAX_MEMBERS || name.length > MAX_NAME_LENGTH) return undefined;
    this.allowance--;
    this.shapes++;
    return shape.add(name);
  }
}
