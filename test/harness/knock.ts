import { setTimeout as pause } from 'node:timers/promises';
import { parcel } from '../flow/parcels.js';
import type { Agency } from '../instance/instance.js';

/** A subject that no sender uses. */
const SUBJECT = 9000;
const EVERY_MS = 200;

/** Sends the same single event again and again, whatever the answer: unlike a batch it has the status of its own fault. */
export function knock(agency: Agency): { stop(): Promise<void> } {
  const { line } = parcel(agency, SUBJECT, 1);
  const headers = { authorization: agency.authorization, 'content-type': 'application/cloudevents+json' };
  let over = false;
  const knocking = (async () => {
    for (; !over; await pause(EVERY_MS)) {
      const asked = fetch(`${agency.adapter.url}/v1/events`, { method: 'POST', headers, body: Uint8Array.from(line) });
      await asked.then((answer) => answer.arrayBuffer()).catch(() => undefined); // the adapter may be down: knocked again
    }
  })();
  return {
    async stop() {
      over = true;
      await knocking;
    },
  };
}
