import { writeFileSync } from 'node:fs';
import { newSecret } from '#http';

/** Callers of a service with a new secret each: the file by which it knows them, and what proves each of them. */
export class Credentials {
  readonly #made: ReadonlyMap<string, ReturnType<typeof newSecret>>;

  constructor(...users: readonly string[]) {
    this.#made = new Map(users.map((user) => [user, newSecret()]));
  }

  /** Writes the file, which holds no secret but its hash, and gives its name. */
  writeTo(file: string): string {
    const hashes = Object.fromEntries([...this.#made].map(([user, { hash }]) => [user, [hash]]));
    writeFileSync(file, JSON.stringify(hashes), { mode: 0o600 });
    return file;
  }

  /** The authorization header of one of them; throws for anybody else. */
  of(user: string): string {
    const made = this.#made.get(user);
    if (made === undefined) throw new Error(`${user} has no credentials`);
    return `Basic ${Buffer.from(`${user}:${made.secret}`).toString('base64')}`;
  }
}
