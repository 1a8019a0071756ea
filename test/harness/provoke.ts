import { clockAt, FAKETIME } from '../instance/faketime.js';
import { ask } from './ask-redis.js';
import { expireCertificate } from './expire-certificate.js';
import { helpersOf } from './helper-processes.js';
import { knock } from './knock.js';
import type { Provocation } from './provocation.js';
import { answerByChance } from './road.js';

/** A receipt is awaited for a minute, and whoever is overdue is looked for every ten seconds. */
const RECEIPTS_SECONDS = 120;

const insistOnFaketime = (): void => {
  if (FAKETIME === undefined) throw new Error('libfaketime is not installed (Debian package faketime)');
};

/** One after another; each mends what it broke. The last ones leave the clocks of some services wrong. */
export const PROVOCATIONS: readonly Provocation[] = [
  {
    alerts: ['KhidiServiceDown'],
    what: 'the schema registry is stopped',
    async provoke({ instance: { registry } }, { fired }) {
      await registry.stop();
      await fired();
      registry.start();
      await registry.ready();
    },
  },
  {
    alerts: ['KhidiNotReady', 'KhidiPartitionWaits'],
    what: 'Redis refuses every write, then is away',
    async provoke({ instance }, { senders, fired, pause }) {
      senders.start();
      await ask(instance.redisUrl, 'CONFIG SET maxmemory 1');
      await pause(6000);
      await instance.bounceRedis(12_000);
      await fired();
    },
  },
  {
    alerts: ['KhidiRejectRatioHigh'],
    what: 'three in ten records are spoilt',
    async provoke(_, { senders, fired }) {
      senders.start({ faulty: 0.3 });
      await fired();
    },
  },
  {
    alerts: ['KhidiCallersRefused'],
    what: 'somebody tries secrets',
    async provoke({ instance }, { fired, pause }) {
      const url = instance.agencies[0]?.adapter.url ?? '';
      const authorization = `Basic ${Buffer.from('base-registry:guess').toString('base64')}`;
      let over = false;
      const guessing = (async () => {
        for (; !over; await pause(100))
          await fetch(`${url}/v1/events`, { method: 'POST', headers: { authorization }, body: '{}' });
      })();
      await fired();
      over = true;
      await guessing;
    },
  },
  {
    alerts: ['KhidiDeadLettersGrowing'],
    what: 'a webhook refuses every record for good',
    async provoke({ webhook }, { senders, fired }) {
      webhook.answer = () => 422;
      senders.start();
      await fired();
      webhook.answer = answerByChance;
    },
  },
  {
    alerts: ['KhidiWebhookResting'],
    what: 'a webhook fails',
    async provoke({ webhook }, { senders, fired }) {
      webhook.answer = () => 500;
      senders.start();
      await fired();
      webhook.answer = answerByChance;
    },
  },
  {
    alerts: ['KhidiDeliveryWaits', 'KhidiDeliveryBehind'],
    what: 'the members of both consumers are suspended while much is sent',
    async provoke({ directory, instance }, { senders, fired }) {
      const publish = async (version: number, state: 'approved' | 'suspended'): Promise<void> => {
        const publisher = instance.client.publisher();
        const record = await directory.next(version, (before) => ({
          ...before,
          members: before.members.map((one) => (one.id.startsWith('GE/GOV/72') ? { ...one, state } : one)),
        }));
        await publisher.publish([record]);
        await publisher.close();
      };
      await publish(2, 'suspended');
      senders.start({ records: 200, pauseMs: 100 });
      await fired();
      await publish(3, 'approved');
    },
  },
  {
    alerts: ['KhidiPublishFailing', 'KhidiErrorBudgetBurns'],
    what: 'the broker is away while agencies send, batches and single events',
    async provoke({ brokers, instance: { agencies } }, { senders, fired, pause }) {
      senders.start();
      const knocking = agencies.map((agency) => knock(agency));
      await pause(1500);
      brokers.kill(0);
      await fired();
      await brokers.start(0);
      await Promise.all(knocking.map((one) => one.stop()));
    },
  },
  {
    alerts: ['KhidiLagGrowing'],
    what: 'validation takes one record at a time and much is sent',
    async provoke({ instance: { validation } }, { senders, fired }) {
      validation.kill({ KHIDI_CHUNK_RECORDS: '1' });
      await validation.ready();
      senders.start({ records: 400, pauseMs: 100 });
      await fired();
      await senders.stop();
      validation.kill();
      await validation.ready();
    },
  },
  {
    alerts: ['KhidiSealingFailing', 'KhidiEndToEndSlow', 'KhidiHeartbeatMissing'],
    what: 'the token that holds the sealing key hangs',
    async provoke({ instance: { signing } }, { senders, fired, pause }) {
      senders.start();
      let hanging = true;
      const hang = (async () => {
        // A new helper is started where one does not answer: it hangs too.
        for (; hanging; await pause(100)) for (const helper of helpersOf(signing)) process.kill(helper, 'SIGSTOP');
      })();
      await pause(20_000);
      hanging = false;
      await hang;
      for (const helper of helpersOf(signing)) process.kill(helper, 'SIGCONT');
      await fired();
    },
  },
  {
    alerts: ['KhidiReceiptsMissing'],
    what: 'a consumer whose agreement asks for receipts within a minute signs none',
    async provoke(_, { senders, fired }) {
      senders.start();
      await fired(RECEIPTS_SECONDS);
    },
  },
  {
    alerts: ['KhidiCertificateExpires'],
    what: "a service's certificate for a closed Kafka has a week left; then it is replaced, without a restart",
    provoke: (road, tools) => expireCertificate(road.instance.folder, tools),
  },
  {
    alerts: ['KhidiWitnessesMissing'],
    what: 'two of three witnesses are away',
    async provoke({ witnesses: [w1, w2] }, { fired }) {
      await Promise.all([w1?.stop(), w2?.stop()]);
      await fired();
      w1?.start();
      w2?.start();
    },
  },
  {
    alerts: ['KhidiLogLate'],
    what: 'the ledger is stopped while records are sealed',
    async provoke({ instance: { ledger } }, { senders, fired }) {
      senders.start();
      await ledger.stop();
      await fired();
      ledger.start();
      await ledger.ready();
    },
  },
  {
    alerts: ['KhidiNoRecords'],
    what: 'agencies send nothing',
    provoke: (_, { fired }) => fired(),
  },
  {
    alerts: ['KhidiClockSkew'],
    what: "an adapter's clock is ten minutes ahead",
    async provoke({ instance: { agencies } }, { fired }) {
      insistOnFaketime();
      agencies[2]?.adapter.kill(clockAt('+10m'));
      await fired();
      agencies[2]?.adapter.kill();
    },
  },
  {
    alerts: ['KhidiRetentionNotEnforced'],
    what: "the ledger's clock is forty days ahead, so that every record's time is over",
    async provoke({ instance: { ledger } }, { senders, fired, pause }) {
      insistOnFaketime();
      senders.start();
      await pause(3000);
      await senders.stop();
      ledger.kill(clockAt('+40d'));
      await fired();
      ledger.kill();
    },
  },
  {
    alerts: ['KhidiKeyOld'],
    what: "signing's clock is more than a year ahead, so that its key is old",
    async provoke({ instance: { signing } }, { fired }) {
      insistOnFaketime();
      signing.kill(clockAt('+366d'));
      await fired();
      signing.kill();
    },
  },
];
