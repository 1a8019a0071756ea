import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { FewAtOnce } from '#http';
import { contentUrnOf } from '#record';
import type { ContentDoor } from './content-door.js';
import { giveContent } from './give-content.js';

const CONTENT = contentUrnOf(Buffer.alloc(32));
const answer = () => Object.assign(new PassThrough(), { writeHead: () => undefined });

describe('when a consumer takes many contents at once and reads none', () => {
  it('is refused one more, and another consumer gets its own', async () => {
    const slow = new FewAtOnce(1, 'contents');
    /** A consumer's fetch of a content that comes to its end, or never does. */
    const fetched = (consumer: string, ends: boolean, response = answer()) => {
      const door = {
        permits: { spend: async () => ({ consumer, agreement: 'a/1', envelope: { jti: 'j' } }) },
        store: {
          read: () => ({
            size: 1,
            bytes: async function* () {
              if (!ends) await new Promise(() => undefined);
              yield Buffer.from('x');
            },
          }),
        },
        metrics: { contentsGiven: { inc: () => undefined } },
        log: { info: () => undefined },
        windowMs: 500,
      } as unknown as ContentDoor;
      return giveContent(door, slow, { headers: {} } as IncomingMessage, response as unknown as ServerResponse, CONTENT);
    };
    const held = answer();
    const holding = fetched('pensions', false, held);
    await expect(fetched('pensions', true)).rejects.toMatchObject({ code: 'DOOR_UNAVAILABLE' });
    const other = answer();
    await fetched('taxes', true, other);
    expect(String(other.read())).toBe('x');
    await holding; // it is cut off
    await fetched('pensions', true);
  });
});
