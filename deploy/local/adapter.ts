import { readFileSync } from 'node:fs';
import type { MemberId, Outcome } from '#record';
import { callerSecretFile, type Instance, readMembers } from '#settings';

/** One agency's end of the road, as its demonstration subsystem sees it. */
export interface Adapter {
  readonly member: MemberId;
  readonly url: string;
  readonly authorization: string;
}

/** An outcome and the cursor to go on after it. */
export type ReadOutcome = Outcome & { readonly cursor: string };

const PAGE = 1000;

/** The adapters of an instance, each with its member's first subsystem. */
export function adaptersOf({ services, membersFile, secretsFolder }: Instance): readonly Adapter[] {
  return readMembers(membersFile).members.flatMap(({ id, subsystems: [first] }) => {
    const url = services.find(({ kind, member }) => kind === 'agency-adapter' && member === id)?.url;
    if (url === undefined || first === undefined) return [];
    const user = first.slice(id.length + 1);
    const secret = readFileSync(callerSecretFile(secretsFolder, id, user), 'utf8').trim();
    return [{ member: id, url, authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` }];
  });
}

/**
 * The outcomes after a cursor, oldest first, page by page. Waits up to `wait` seconds for the first new one. The last cursor is
 * where to go on another time.
 */
export async function readOutcomes(
  adapter: Adapter,
  after: string | undefined,
  options: { readonly kind?: Outcome['kind']; readonly limit?: number; readonly wait?: number } = {},
): Promise<{ readonly outcomes: readonly ReadOutcome[]; readonly next: string; readonly more: boolean }> {
  const { kind, limit = PAGE, wait = 0 } = options;
  const query = new URLSearchParams({
    limit: String(limit),
    ...(wait === 0 ? {} : { wait: String(wait) }),
    ...(after === undefined ? {} : { after }),
    ...(kind === undefined ? {} : { kind }),
  });
  const answer = await fetch(`${adapter.url}/v1/outcomes?${query}`, { headers: { authorization: adapter.authorization } });
  if (!answer.ok) throw new Error(`the adapter of ${adapter.member} answers ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { outcomes: readonly ReadOutcome[]; next: string; more: boolean };
}

/** The cursor after the last outcome there is now. */
export async function lastCursor(adapter: Adapter): Promise<string> {
  let page = await readOutcomes(adapter, undefined);
  while (page.more) page = await readOutcomes(adapter, page.next);
  return page.next;
}
