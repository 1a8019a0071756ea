import { RegistryError } from '../registry-error.js';
import { type RegisterRequest, readJsonBody, registerRequestOf } from '../steps/register-request.js';
import type { Caller } from './access.js';

/** One request, taken apart. */
export class Call {
  constructor(
    private readonly segments: readonly string[],
    private readonly query: URLSearchParams,
    readonly bytes: Buffer,
    readonly caller: Caller,
  ) {}

  /** A part of the path, decoded. */
  path(index: number): string {
    return this.segments[index] ?? '';
  }

  text(name: string): string | undefined {
    return this.query.get(name) ?? undefined;
  }

  all(name: string): string[] {
    return this.query.getAll(name);
  }

  flag(name: string): boolean {
    return this.query.get(name)?.toLowerCase() === 'true';
  }

  json(): ReturnType<typeof readJsonBody> {
    return readJsonBody(this.bytes);
  }

  registration(): RegisterRequest {
    return registerRequestOf(this.json());
  }

  /** `offset` and `limit`; a limit of -1 or none means all. Throws 42201 for what is no number. */
  page<T>(all: readonly T[]): readonly T[] {
    const offset = this.number('offset', 0);
    const limit = this.number('limit', -1);
    return limit < 0 ? all.slice(offset) : all.slice(offset, offset + limit);
  }

  private number(name: string, otherwise: number): number {
    const sent = this.query.get(name);
    if (sent === null || sent === '') return otherwise;
    const value = /^-?[0-9]{1,9}$/.test(sent) ? Number(sent) : Number.NaN;
    if (Number.isNaN(value) || (name === 'offset' && value < 0))
      throw new RegistryError(42201, `${name} is no number that can be used.`);
    return value;
  }
}

/** A version as a path names it. Throws 42202. */
export function readVersion(which: string): number | 'latest' {
  if (which === 'latest' || which === '-1') return 'latest';
  if (/^[1-9][0-9]{0,9}$/.test(which) && Number(which) <= 2147483647) return Number(which);
  throw new RegistryError(42202, `The version must be a number between 1 and 2^31-1, "latest" or -1.`);
}
