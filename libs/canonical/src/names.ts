/** A member name that was met before, as it stands in one kind of object. */
export class Name {
  /** The name that followed the last time: it usually follows again. */
  next: Name | undefined;
  /** Scratch of the writer: the number of the object that has this member at the moment, and the place of the member in it. */
  owner = 0;
  place = 0;
  private within: NameSet | undefined;

  constructor(
    readonly text: string,
    /** Tells the names of one memory apart. */
    readonly id: number,
    /** The name in quotes, escaped no more than it must be, in UTF-8: as most senders write it, and as RFC 8785 wants it. */
    readonly quoted: Buffer,
  ) {}

  /** The names of the objects that stand in this member's value. */
  get inside(): NameSet {
    this.within ??= new NameSet();
    return this.within;
  }
}

/** The names met in one kind of object: those of the documents themselves, or those inside the values of one member. */
export class NameSet {
  /** The name that came first the last time. */
  first: Name | undefined;
  private readonly byText = new Map<string, Name>();
  private readonly inOrder: Name[] = [];

  /** By the UTF-16 code units of their text, as RFC 8785 section 3.2.3 orders members. */
  get sorted(): readonly Name[] {
    return this.inOrder;
  }

  find(text: string): Name | undefined {
    return this.byText.get(text);
  }

  add(name: Name): void {
    this.byText.set(name.text, name);
    let low = 0;
    for (let high = this.inOrder.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((this.inOrder[middle]?.text ?? '') < name.text) low = middle + 1;
      else high = middle;
    }
    this.inOrder.splice(low, 0, name);
  }
}

/** A memory starts again when it holds so many names: a few megabytes. */
const MAX_NAMES = 10_000;
/** What one document may add, so that documents made of ever new names cost no more than their parsing. */
const NEW_NAMES_PER_DOCUMENT = 256;
/** In objects with more names than this the names are data (an id each, say), and remembering them does not pay. */
const MAX_NAMES_PER_SET = 256;
const MAX_NAME_LENGTH = 128;
/** With the u flag, a pair is one character and no surrogate: only halves match. */
const HALF_A_PAIR = /\p{Surrogate}/u;

/**
 * The names met lately. The records of a registry name the same members in nearly the same order again and again, so a reader
 * can recognise a name by comparing bytes, without making a string, and a writer need not sort and encode it again. The memory is
 * bounded and decides nothing: it only makes finding faster.
 */
export class NameMemory {
  private root = new NameSet();
  private names = 0;
  private allowance = 0;

  /** The names of documents themselves; to be asked for at the beginning of each. */
  begin(): NameSet {
    if (this.names >= MAX_NAMES) {
      this.root = new NameSet();
      this.names = 0;
    }
    this.allowance = NEW_NAMES_PER_DOCUMENT;
    return this.root;
  }

  /** The name with this text, learned if need be; undefined where the memory does not take it. */
  know(set: NameSet, text: string): Name | undefined {
    return set.find(text) ?? this.learn(set, text);
  }

  private learn(set: NameSet, text: string): Name | undefined {
    if (this.allowance === 0 || set.sorted.length >= MAX_NAMES_PER_SET || text.length > MAX_NAME_LENGTH) return undefined;
    // Half a surrogate pair is a fault that has to be found each time.
    if (HALF_A_PAIR.test(text)) return undefined;
    this.allowance--;
    const json = JSON.stringify(text);
    const own: string = JSON.parse(json); // a slice would keep the whole document in memory
    const name = new Name(own, this.names++, Buffer.from(json));
    set.add(name);
    return name;
  }
}
