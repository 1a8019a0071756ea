import type { JsonValue } from './json-value.js';

/**
 * The members of all objects that are open while a text is read, those of the innermost last: lists of their own would be a third
 * of the garbage that reading a record makes.
 */
export class OpenMembers {
  readonly names: string[] = [];
  readonly values: JsonValue[] = [];
  private top = 0;

  /** Where the members of an object that opens now will begin. */
  get mark(): number {
    return this.top;
  }

  /** Takes in a member whose value is read next, and gives its place. */
  open(name: string): number {
    this.names[this.top] = name;
    return this.top++;
  }

  set(place: number, value: JsonValue): void {
    this.values[place] = value;
  }

  /** Lets go of all members from `mark` on; neither values nor names, which may be slices of the whole text, are kept in memory. */
  close(mark: number): void {
    for (let i = mark; i < this.top; i++) {
      this.names[i] = '';
      this.values[i] = null;
    }
    this.top = mark;
  }
}
