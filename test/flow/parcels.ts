import { canonicalize, sha256Base64url } from '#canonical';
import type { Agency } from '../instance/instance.js';
import type { Sent } from './ledger.js';
import type { Parcel } from './sender.js';

/** How the test's sender spoils a record, in turn; each must be rejected. */
const SPOILT: readonly Readonly<Record<string, unknown>>[] = [
  { country: 'Georgia' },
  { name: ' leading space' },
  { position: { latitude: '91.0', longitude: '44.8' } },
  { unheardOf: 'x' },
  { position: undefined },
];

/** A small generator of pseudo-random numbers in [0, 1), so that a failing run can be repeated (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The `change`th event about one locality of an agency; `spoilt` picks a way to spoil it. */
export function parcel(agency: Agency, subject: number, change: number, spoilt?: number): Parcel {
  const id = `${agency.member.id.slice(-4)}-${subject}-${change}`;
  const name = `${agency.source} place ${subject}`;
  const record = {
    id: `GE/${id.slice(0, 4)} flow ${subject}`,
    name: `Change ${change} of place ${subject}`,
    country: 'GE',
    position: { latitude: `41.${subject % 100000}`, longitude: `44.${change % 100000}` },
    ...(spoilt === undefined ? {} : SPOILT[spoilt % SPOILT.length]),
  };
  const event = {
    specversion: '1.0',
    id,
    source: agency.source,
    type: `address.locality.${change === 1 ? 'created' : 'updated'}`,
    time: '2099-01-01T00:00:00Z',
    dataschema: 'urn:khidi:schema:address.locality:1',
    datacontenttype: 'application/json',
    data: record,
  };
  const sent: Sent = {
    event: `${agency.source} ${id}`,
    subject: name,
    change,
    faulty: spoilt !== undefined,
    digest: sha256Base64url(canonicalize(JSON.parse(JSON.stringify(record)))),
  };
  return { id, line: Buffer.from(JSON.stringify(event)), sent };
}
