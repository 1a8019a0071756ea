import { isJsonObject, type JsonValue } from '#canonical';
import { FaultError, type FaultReport } from '#faults';
import type { RecordType } from '#record';
import type { Found, SchemaInForce, Schemas } from '../schemas/schemas.js';
import type { SchemaName } from '../steps/ingress-topics.js';

/** A registry in memory: tests say what each version is, and what becomes known only by catching up. */
export class FakeSchemas implements Schemas {
  readonly known = new Map<string, Found>();
  readonly later = new Map<string, Found>();
  /** `id 5` → what it means for every record type. */
  readonly ids = new Map<string, number | 'foreign'>();
  readonly laterIds = new Map<string, number>();
  away = false;
  catchUps = 0;

  find({ subject, version }: SchemaName): Found {
    return this.known.get(`${subject}:${version}`) ?? { state: 'unknown' };
  }

  named(schemaId: string, subject: RecordType): SchemaName | 'foreign' | 'unknown' {
    const version = this.ids.get(schemaId) ?? 'unknown';
    return typeof version === 'number' ? { subject, version } : version;
  }

  async caughtUp(): Promise<void> {
    this.catchUps += 1;
    if (this.away) throw new FaultError('STREAM_UNAVAILABLE');
    for (const [name, found] of this.later) this.known.set(name, found);
    for (const [name, version] of this.laterIds) this.ids.set(name, version);
  }
}

/** Wants an `id` and a `name` as texts, and allows a text `born`. */
export function personSchema(more: Partial<SchemaInForce> = {}): Found {
  const schema: SchemaInForce = {
    verdict: (value) => ({ faults: isJsonObject(value) ? judgePerson(value) : [], warnings: doubtsOf(value) }),
    identifierOf: (value) => (isJsonObject(value) && typeof value.id === 'string' ? value.id : undefined),
    identifier: '/id',
    sequence: 'offset',
    header: Buffer.from('{"schema":"header"}'),
    ...more,
  };
  return { state: 'in force', schema };
}

/** A person who was born in 1800 is doubtful. */
function doubtsOf(value: JsonValue): FaultReport[] {
  return isJsonObject(value) && value.born === '1800' ? [{ code: 'IDENTIFIER_CHECK_DIGIT', pointer: '/born' }] : [];
}

function judgePerson(person: { readonly [name: string]: JsonValue }): FaultReport[] {
  const faults: FaultReport[] = [];
  for (const name of ['id', 'name']) {
    if (!Object.hasOwn(person, name)) faults.push({ code: 'SCHEMA_VIOLATION', pointer: `/${name}`, rule: 'required' });
  }
  for (const [name, value] of Object.entries(person)) {
    if (!['id', 'name', 'born'].includes(name)) {
      faults.push({ code: 'SCHEMA_VIOLATION', pointer: '/*', rule: 'additionalProperties' });
    } else if (typeof value !== 'string') {
      faults.push({ code: 'SCHEMA_VIOLATION', pointer: `/${name}`, rule: 'type' });
    }
  }
  return faults;
}
