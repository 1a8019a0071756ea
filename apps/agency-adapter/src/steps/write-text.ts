import type { ServerResponse } from 'node:http';
import { CallerGone } from '#http';

/** Writes and waits until the caller has room for more. Throws {@link CallerGone}. */
export async function writeText(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed) throw new CallerGone();
  if (response.write(text)) return;
  await new Promise<void>((resolve, reject) => {
    const onDrain = () => {
      response.off('close', onClose);
      resolve();
    };
    const onClose = () => {
      response.off('drain', onDrain);
      reject(new CallerGone());
    };
    response.once('drain', onDrain).once('close', onClose);
  });
}
