import type { ServiceProcess } from '../../instance/service-process.js';
import { helpersOf } from '../helper-processes.js';
import type { Road } from '../road.js';
import type { Scenario } from '../scenario.js';
import { without } from '../stages.js';
import { rightPin, wrongPin } from '../token.js';

const notReady = async ({ url }: ServiceProcess): Promise<boolean> =>
  (await fetch(`${url}/health/ready`).catch(() => undefined))?.status !== 200; // not listening is not ready either

export const KEYS: readonly Scenario[] = [
  {
    name: 'key-rotation',
    faults: [18],
    what: 'a new sealing key takes over while records are on their way and signing and the ledger are killed in between; the old one is then revoked',
    stage: 'plain',
    async disturb({ instance }, { tell, until, moves, wrong }) {
      const { signing, ledger, officers } = instance;
      const ask = async (path: string, as: 0 | 1, body?: object): Promise<{ status: number; body: unknown }> => {
        const more = body === undefined ? {} : { method: 'POST', body: JSON.stringify({ ...body, why: 'a test' }) };
        const headers = { authorization: officers[as], 'content-type': 'application/json' };
        const answer = await fetch(`${signing.url}/v1/keys${path}`, { headers, ...more }).catch(() => undefined); // it may be killed
        return { status: answer?.status ?? 0, body: await answer?.json() };
      };
      type Key = { readonly kid: string; readonly purpose: string; readonly state: string };
      const keys = async (): Promise<readonly Key[]> => ((await ask('', 0)).body as { keys?: readonly Key[] })?.keys ?? [];
      const old = (await keys()).find(({ purpose, state }) => purpose === 'sealing' && state === 'active');
      const { kid } = (await ask('', 0, { purpose: 'sealing' })).body as Key;
      tell('a new key; signing and the ledger are killed between its two officers');
      await until('the first officer is heard', async () => (await ask(`/${kid}/activate`, 0, {})).status === 200);
      signing.kill();
      ledger.kill();
      await until('the second officer is heard', async () => {
        await ask(`/${kid}/activate`, 1, {});
        return (await keys()).some((key) => key.kid === kid && key.state === 'active');
      });
      await moves();
      if (old === undefined) return wrong('there was no sealing key');
      tell('the old key is revoked');
      const body = { reason: 'superseded', since: new Date().toISOString() };
      await until('the old key is revoked', async () => {
        for (const as of [0, 1] as const) await ask(`/${old.kid}/revoke`, as, body);
        return (await keys()).some((key) => key.kid === old.kid && key.state === 'revoked');
      });
      const published = (await (await fetch(`${signing.url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
      if (!published.keys.some((key) => key.kid === kid)) wrong('the new key is not published');
    },
  },
  {
    name: 'key-store',
    faults: [17],
    what: 'the token that holds the sealing key hangs, loses its session, and gets a wrong PIN: nothing is sealed, then it goes on',
    stage: 'token',
    without: without.token,
    async disturb({ instance }: Road, { tell, until, pause, moves, wrong }) {
      const { signing, folder } = instance;
      const [hanging] = helpersOf(signing);
      if (hanging === undefined) return wrong('signing has no helper that holds the token');
      tell('the token hangs');
      process.kill(hanging, 'SIGSTOP');
      await until('signing says that it cannot work', () => notReady(signing), 30);
      await pause(1000);
      for (const helper of helpersOf(signing)) process.kill(helper, 'SIGCONT');
      await moves();
      tell('the session of the token is lost');
      for (const helper of helpersOf(signing)) process.kill(helper, 'SIGKILL');
      await moves();
      tell('the PIN is wrong');
      wrongPin(folder);
      const { failed } = signing;
      signing.kill();
      await until('signing does not work', async () => signing.failed > failed || (await notReady(signing)), 60);
      await pause(1500);
      if (!(await notReady(signing))) wrong('signing is ready with a wrong PIN');
      rightPin(folder);
      signing.kill(); // whoever mends the PIN starts it anew
    },
  },
];
