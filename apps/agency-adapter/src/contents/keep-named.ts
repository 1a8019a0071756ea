import type { HandOver } from '../hand-over.js';
import type { IngressForm } from '../steps/ingress-record.js';
import type { ContentStore } from './content-store.js';

/**
 * Hands over only once the contents that events name are kept for them, so that no record is on the road whose contents could be swept. Rejects
 * with CONTENT_UNKNOWN where one has gone since the door looked. An event that does not come onto the road then leaves its contents kept longer.
 */
export function keepNamed(handOver: HandOver, store: Pick<ContentStore, 'name'>, form: IngressForm): HandOver {
  return async (events) => {
    for (const event of events) {
      const { contents = [], source, id, recordType } = event;
      if (contents.length > 0) await store.name(contents, { source, id, key: String(form(event).key) }, recordType);
    }
    await handOver(events);
  };
}
