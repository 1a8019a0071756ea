import { setTimeout as pause } from 'node:timers/promises';
import type { Agency } from '../instance/instance.js';
import type { Ledger, Sent } from './ledger.js';

/** One structured CloudEvent, ready to be sent, and what the judge must know of it. */
export interface Parcel {
  readonly id: string;
  /** The line without its line end. */
  readonly line: Buffer;
  readonly sent: Sent;
}

interface Status {
  readonly line: number;
  readonly status: number;
}

/**
 * Sends a batch as NDJSON until every line is answered 202, as an agency would that repeats what was not answered: the ledger
 * gets a line before each try and one after it. No two parcels of one batch may be about the same subject, so that a repeated
 * line cannot overtake another.
 */
export async function sendAll(agency: Agency, batch: readonly Parcel[], ledger: Ledger): Promise<void> {
  let open = batch;
  for (let tries = 0; open.length > 0; tries++) {
    if (tries > 200) throw new Error(`${open.length} records were still refused after ${tries} tries`);
    if (tries > 0) await pause(250);
    ledger.intend(open.map((parcel) => parcel.sent));
    const statuses = await post(agency, open);
    const acked = open.filter((_, i) => statuses.get(i + 1) === 202);
    const left = open.filter((_, i) => statuses.get(i + 1) !== 202);
    ledger.answer(
      acked.map((parcel) => parcel.sent.event),
      left.map((parcel) => parcel.sent.event),
    );
    const refused = left.filter((parcel) => isRefusal(statuses.get(open.indexOf(parcel) + 1)));
    if (refused.length > 0) throw new Error(`the door refused ${refused.length} records for good`);
    open = left;
  }
}

const isRefusal = (status: number | undefined): boolean =>
  status !== undefined && status >= 400 && status < 500 && status !== 429;

/** The status of each line by its number (from 1); lines without an answer are absent. */
async function post(agency: Agency, batch: readonly Parcel[]): Promise<Map<number, number>> {
  const body = Buffer.concat(batch.flatMap((parcel) => [parcel.line, Buffer.from('\n')]));
  const statuses = new Map<number, number>();
  try {
    const answer = await fetch(`${agency.adapter.url}/v1/events`, {
      method: 'POST',
      headers: { authorization: agency.authorization, 'content-type': 'application/x-ndjson' },
      body,
      signal: AbortSignal.timeout(60_000),
    });
    if (!answer.ok) return statuses;
    for (const line of (await answer.text()).split('\n')) {
      if (line === '') continue;
      const status = JSON.parse(line) as Status;
      statuses.set(status.line, status.status);
    }
  } catch {
    return statuses; // no whole answer: what was not acknowledged is unknown and will be sent again
  }
  return statuses;
}
