import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type SubsystemId, subsystemId } from '#record';
import { receiveByWebhook } from './from-webhook.js';
import { keysFrom } from './keys.js';
import { Register } from './register.js';

/*
 * The receiving agency as a process, as `npm run up` starts it: POST is its webhook, GET tells how it is. The environment says who it is
 * (CONSUMER), the file of its webhook's secret (SECRET_FILE), where the published keys are (KEYS_URL), and where to listen. With
 * FAILS_UP_TO it has a defect, as every endpoint has one some day: it cannot keep the deliveries up to that number.
 */
const said = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is missing`);
  return value;
};

function consumerIn(text: string): SubsystemId {
  const id = subsystemId(text);
  if (id === undefined) throw new Error('CONSUMER is not like GE/GOV/7003/base-registry');
  return id;
}

const register = new Register();
const failsUpTo = Number(process.env.FAILS_UP_TO ?? '0');
let taken = 0;
let failed = 0;

const hook = receiveByWebhook({
  consumer: consumerIn(said('CONSUMER')),
  secret: readFileSync(said('SECRET_FILE'), 'utf8').trim(),
  keys: await keysFrom(said('KEYS_URL')),
  now: () => new Date(),
  onInitialLoad: ({ through }) => console.log(`the register is loaded: all deliveries up to ${through} came before`),
  take(delivery) {
    if (delivery.number <= failsUpTo) {
      failed += 1;
      console.log(`delivery ${delivery.number} cannot be kept: the register is read-only`);
      throw new Error('the register is read-only');
    }
    register.take(delivery);
    taken += 1;
  },
});

const server = createServer((request, response) => {
  if (request.method === 'POST') return void hook.emit('request', request, response);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ taken, failed, places: register.size }));
});
server.listen(Number(said('KHIDI_PORT')), said('KHIDI_HOST'));

process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
