import type { Delivery } from '#consumer';
import type { RecordObject } from '#envelope';

/** What this agency keeps of a place. */
export interface Place {
  readonly id: string;
  readonly name: string;
  readonly country: string;
}

/** Takes from a record what this agency works with. A record that its schema accepted has these members. */
export function placeOf({ id, name, country }: RecordObject): Place {
  return { id: String(id), name: typeof name === 'string' ? name : JSON.stringify(name), country: String(country) };
}

/** The agency's own register of places, by subject: each change replaces what was there, a withdrawal removes it. */
export class Register {
  private readonly places = new Map<string, Place>();

  get size(): number {
    return this.places.size;
  }

  take({ sub, op, record }: Delivery<Place>): void {
    if (op === 'withdrawn') this.places.delete(sub);
    else this.places.set(sub, record);
  }

  find(name: string): readonly Place[] {
    return [...this.places.values()].filter((place) => place.name === name);
  }
}
