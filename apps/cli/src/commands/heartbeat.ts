import { Command } from 'commander';
import { readMembers } from '#settings';
import { type CallerFlags, callerOf } from '../caller.js';
import { requireInstance, requireService } from '../local.js';
import { wholeNumber } from '../whole-number.js';

interface HeartbeatFlags extends CallerFlags {
  readonly ledger?: string;
  readonly issuer?: string;
  readonly every: number;
  readonly host: string;
  readonly port: number;
}

/** `khidi heartbeat`: a record of the operator that travels the whole road again and again. */
export function heartbeatCommand(): Command {
  return new Command('heartbeat')
    .description('send a record the whole road again and again, and tell Prometheus how far each came')
    .addCommand(
      new Command('serve')
        .description('beat until the end')
        .requiredOption('--as <subsystem>', 'who sends it; its member publishes operations.heartbeat')
        .option('--adapter <URL>', 'the adapter; without it that of the local instance')
        .option('--secret-file <file>', "the subsystem's secret; without it that of the local instance")
        .option('--ledger <URL>', 'the ledger; without it that of the local instance')
        .option('--issuer <member>', 'the member that seals; without it the operator of the local instance')
        .option('--every <seconds>', 'how often', wholeNumber(1), 10)
        .option('--host <address>', 'where /metrics and /health answer', '127.0.0.1')
        .option('--port <n>', 'where /metrics and /health answer', wholeNumber(0), 0)
        .option('--state <path>', 'the local instance (KHIDI_STATE)')
        .addHelpText(
          'after',
          `
The schema is deploy/heartbeat/operations.heartbeat.json; register it as operations.heartbeat. Each beat is one record and one leaf:
8,640 a day.

Example:
  $ khidi heartbeat serve --as GE/GOV/7001/base-registry --every 10 --port 18095`,
        )
        .action(serve),
    );
}

async function serve(flags: HeartbeatFlags): Promise<void> {
  const { serveHeartbeat } = await import('../heartbeat/serve.js');
  const { subsystem, url, authorization } = await callerOf(flags);
  const ledger = flags.ledger ?? requireService(requireInstance(flags), 'ledger').url;
  const issuer = flags.issuer ?? readMembers(requireInstance(flags).membersFile).operator;
  const road = { adapter: url, authorization, source: `/${subsystem}`, ledger, issuer };
  await serveHeartbeat({ road, everySeconds: flags.every, host: flags.host, port: flags.port });
}
