import { setTimeout as pause } from 'node:timers/promises';

/** Where a heartbeat goes in and where it is looked for. */
export interface Road {
  /** The adapter whose subsystem sends it. */
  readonly adapter: string;
  readonly authorization: string;
  /** `/GE/GOV/7001/base-registry`. */
  readonly source: string;
  readonly ledger: string;
  /** The member that seals. */
  readonly issuer: string;
}

/** What a heartbeat passes: the door took it, its envelope was made, it has its leaf. */
export const STAGES = ['door', 'sealed', 'logged'] as const;
export type Stage = (typeof STAGES)[number];

/** How one heartbeat ended: it came through, or it was not seen at a stage in time. */
export type Beat = { readonly through: true } | { readonly through: false; readonly missing: Stage };

const TYPE = 'operations.heartbeat';
const ASK_MS = 100;
const ANSWER_MS = 5000;

/**
 * Sends one record and follows it to its leaf. `passed` is told of each stage with the seconds since it was sent. Never throws:
 * whatever keeps it from coming through within `patienceMs` is a heartbeat that is missing.
 */
export async function beat(
  road: Road,
  id: string,
  now: () => Date,
  passed: (stage: Stage, seconds: number) => void,
  patienceMs: number,
): Promise<Beat> {
  const began = now();
  const late = () => now().getTime() - began.getTime() > patienceMs;
  const pass = (stage: Stage) => passed(stage, (now().getTime() - began.getTime()) / 1000);
  if (!(await send(road, id, began))) return { through: false, missing: 'door' };
  pass('door');
  const jti = await until(late, () => sealedAs(road, id));
  if (jti === undefined) return { through: false, missing: 'sealed' };
  pass('sealed');
  if ((await until(late, () => leafOf(road, jti))) === undefined) return { through: false, missing: 'logged' };
  pass('logged');
  return { through: true };
}

async function send({ adapter, authorization, source }: Road, id: string, at: Date): Promise<boolean> {
  const answer = await ask(`${adapter}/v1/events`, {
    method: 'POST',
    body: JSON.stringify({ id: 'heartbeat', at: at.toISOString() }),
    headers: {
      authorization,
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': source,
      'ce-type': `${TYPE}.updated`,
      'ce-dataschema': `urn:khidi:schema:${TYPE}:1`,
    },
  });
  return answer?.status === 202;
}

/** The `jti` of its envelope; undefined while there is none. */
async function sealedAs({ adapter, authorization, source }: Road, id: string): Promise<string | undefined> {
  const query = new URLSearchParams({ source, id });
  const answer = await ask(`${adapter}/v1/events?${query.toString()}`, { headers: { authorization } });
  const fate = answer?.status === 200 ? ((await answer.json()) as { status?: string; jti?: string }) : {};
  return fate.status === 'sealed' ? fate.jti : undefined;
}

async function leafOf({ ledger, issuer }: Road, jti: string): Promise<true | undefined> {
  const query = new URLSearchParams({ iss: issuer, jti });
  const answer = await ask(`${ledger}/v1/leaf?${query.toString()}`);
  return answer?.status === 200 ? true : undefined;
}

async function until<T>(late: () => boolean, look: () => Promise<T | undefined>): Promise<T | undefined> {
  while (!late()) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(ASK_MS);
  }
  return undefined;
}

/** Undefined where nothing answers: then it is asked again, or the heartbeat is missing. */
async function ask(url: string, init: RequestInit = {}): Promise<Response | undefined> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
  } catch {
    return undefined;
  }
}
