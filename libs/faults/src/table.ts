import { contentFaults } from './areas/content.js';
import { deliveryFaults } from './areas/delivery.js';
import { directoryFaults } from './areas/directory.js';
import { doorFaults } from './areas/door.js';
import { encryptionFaults } from './areas/encryption.js';
import { envelopeFaults } from './areas/envelope.js';
import { eventFaults } from './areas/event.js';
import { evidenceFaults } from './areas/evidence.js';
import { identifierFaults } from './areas/identifier.js';
import { jsonFaults } from './areas/json.js';
import { policyFaults } from './areas/policy.js';
import { questionFaults } from './areas/questions.js';
import { quotaFaults } from './areas/quotas.js';
import { receiptFaults } from './areas/receipts.js';
import { schemaFaults } from './areas/schema.js';
import { sealingFaults } from './areas/sealing.js';
import { seenFaults } from './areas/seen.js';
import { settingsFaults } from './areas/settings.js';
import { streamFaults } from './areas/stream.js';
import type { Fault } from './fault.js';

/** Every fault there is. A code is never renamed or reused; docs/faults.md is checked against this table. */
export const FAULTS = {
  ...jsonFaults,
  ...eventFaults,
  ...schemaFaults,
  ...identifierFaults,
  ...seenFaults,
  ...envelopeFaults,
  ...encryptionFaults,
  ...sealingFaults,
  ...evidenceFaults,
  ...policyFaults,
  ...directoryFaults,
  ...deliveryFaults,
  ...receiptFaults,
  ...contentFaults,
  ...quotaFaults,
  ...questionFaults,
  ...streamFaults,
  ...doorFaults,
  ...settingsFaults,
} satisfies Record<string, Fault>;

/** A stable code from {@link FAULTS}. */
export type FaultCode = keyof typeof FAULTS;
