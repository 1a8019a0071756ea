import { Command } from 'commander';
import { agreementCommand } from './commands/agreement.js';
import { askCommand } from './commands/ask.js';
import { auditCommand } from './commands/audit.js';
import { backupCommand } from './commands/backup.js';
import { citizenCommand } from './commands/citizen.js';
import { consumeCommand } from './commands/consume.js';
import { contentCommand } from './commands/content.js';
import { deadCommand } from './commands/dead.js';
import { doctorCommand } from './commands/doctor.js';
import { eraseCommand } from './commands/erase.js';
import { evidenceCommand } from './commands/evidence.js';
import { explainCommand } from './commands/explain.js';
import { heartbeatCommand } from './commands/heartbeat.js';
import { keyCommand } from './commands/key.js';
import { ledgerCommand } from './commands/ledger.js';
import { loadsCommand } from './commands/loads.js';
import { logCommand } from './commands/log.js';
import { memberCommand } from './commands/member.js';
import { outcomesCommand } from './commands/outcomes.js';
import { policyCommand } from './commands/policy.js';
import { purposeCommand } from './commands/purpose.js';
import { receiptsCommand } from './commands/receipts.js';
import { recordCommand } from './commands/record.js';
import { replayCommand } from './commands/replay.js';
import { schemaCommand } from './commands/schema.js';
import { sendCommand } from './commands/send.js';
import { statusCommand } from './commands/status.js';
import { topicsCommand } from './commands/topics.js';
import { verifyCommand } from './commands/verify.js';
import { witnessCommand } from './commands/witness.js';

/** All commands. Each loads what is heavy only when it runs. */
export function program(): Command {
  return new Command('khidi')
    .description('Everything a person does with Khidi from a shell.')
    .version('0.1.0')
    .showHelpAfterError('(add --help for what there is)')
    .configureHelp({ showGlobalOptions: true })
    .addCommand(sendCommand())
    .addCommand(askCommand())
    .addCommand(contentCommand())
    .addCommand(outcomesCommand())
    .addCommand(consumeCommand())
    .addCommand(verifyCommand())
    .addCommand(recordCommand())
    .addCommand(schemaCommand())
    .addCommand(keyCommand())
    .addCommand(deadCommand())
    .addCommand(replayCommand())
    .addCommand(citizenCommand())
    .addCommand(loadsCommand())
    .addCommand(receiptsCommand())
    .addCommand(memberCommand())
    .addCommand(agreementCommand())
    .addCommand(purposeCommand())
    .addCommand(policyCommand())
    .addCommand(statusCommand())
    .addCommand(doctorCommand())
    .addCommand(backupCommand())
    .addCommand(logCommand())
    .addCommand(topicsCommand())
    .addCommand(evidenceCommand())
    .addCommand(eraseCommand())
    .addCommand(ledgerCommand())
    .addCommand(auditCommand())
    .addCommand(witnessCommand())
    .addCommand(heartbeatCommand())
    .addCommand(explainCommand())
    .addHelpText(
      'after',
      `
Answers go to standard output, everything else to standard error; nothing ever asks a question.

Exit status:
  0  yes: done, all accepted, all hold
  1  no: something was refused, does not hold or does not exist
  2  the command was not understood, or a file cannot be read
  3  a service or Kafka does not answer`,
    );
}
