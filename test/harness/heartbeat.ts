import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import getPort from 'get-port';
import { memberId, recordType } from '#record';
import { agencyOf, type Instance } from '../instance/instance.js';
import { registerSchema } from '../instance/register.js';
import { ServiceProcess } from '../instance/service-process.js';

const MEMBER = memberId('GE/GOV/7001')!;
const TYPE = recordType('operations.heartbeat')!;

/** The heartbeat of an instance, every two seconds. */
export async function startHeartbeat(instance: Instance): Promise<ServiceProcess> {
  await registerSchema(instance, 'deploy/heartbeat/operations.heartbeat.json', TYPE);
  const { adapter, authorization, source } = agencyOf(instance, MEMBER);
  const secret = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString('utf8').split(':')[1] ?? '';
  const secretFile = join(instance.folder, 'secrets', 'heartbeat.secret');
  writeFileSync(secretFile, secret, { mode: 0o600 });
  const port = await getPort();
  const service = new ServiceProcess({
    name: 'heartbeat',
    entry: resolve('dist/apps/cli/src/main.js'),
    args: [
      ...['heartbeat', 'serve', '--as', source.slice(1), '--adapter', adapter.url, '--secret-file', secretFile],
      ...['--ledger', instance.ledger.url, '--issuer', 'GE/GOV/0001', '--every', '2', '--port', String(port)],
    ],
    env: { NODE_ENV: 'test' },
    port,
    log: join(instance.folder, 'logs', 'heartbeat.log'),
  });
  service.start();
  return service;
}
