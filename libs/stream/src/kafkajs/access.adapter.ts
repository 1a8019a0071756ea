import type { AclEntry } from 'kafkajs';
import type { AccessPlan, AccessRule } from '../access-plan.js';
import { loadKafkajs } from '../codec/index.js';
import { type AdminOf, askOnce } from './admin.adapter.js';
import type { KafkaAddress } from './cluster.adapter.js';
import { asFault } from './errors.adapter.js';
import { untilHeard } from './patience.adapter.js';

/** How many rules there were too few and too many. */
export interface AccessChange {
  readonly granted: number;
  readonly withdrawn: number;
}

/**
 * Makes the rules of the cluster those of the plan: what is missing is granted, whatever else there is, is withdrawn, and both are in
 * force when it returns. Administrators stand in the settings of the brokers and need no rule. Throws STREAM_FORBIDDEN where we are none, and STREAM_UNAVAILABLE.
 */
export async function ensureAccess(address: KafkaAddress, { rules }: AccessPlan): Promise<AccessChange> {
  const { AclResourceTypes, ResourcePatternTypes, AclOperationTypes, AclPermissionTypes } = loadKafkajs();
  const entryOf = ({ principal, resource, name, operation }: AccessRule): AclEntry => ({
    principal: `User:${principal}`,
    host: '*',
    resourceName: name,
    resourceType: {
      topic: AclResourceTypes.TOPIC,
      group: AclResourceTypes.GROUP,
      transaction: AclResourceTypes.TRANSACTIONAL_ID,
    }[resource],
    operation: {
      read: AclOperationTypes.READ,
      write: AclOperationTypes.WRITE,
      create: AclOperationTypes.CREATE,
      describe: AclOperationTypes.DESCRIBE,
    }[operation],
    permissionType: AclPermissionTypes.ALLOW,
    resourcePatternType: ResourcePatternTypes.LITERAL,
  });
  const differences = async (admin: AdminOf): Promise<readonly [missing: AclEntry[], superfluous: AclEntry[]]> => {
    const { resources } = await admin.describeAcls({
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ANY,
    });
    const found = resources.flatMap(({ acls, resourceType, resourceName, resourcePatternType }) =>
      acls.map((acl): AclEntry => ({ ...acl, resourceType, resourceName, resourcePatternType })),
    );
    const [there, wanted] = [byName(found), byName(rules.map(entryOf))];
    const without = (some: ReadonlyMap<string, AclEntry>, others: ReadonlyMap<string, AclEntry>): AclEntry[] =>
      [...some].filter(([name]) => !others.has(name)).map(([, entry]) => entry);
    return [without(wanted, there), without(there, wanted)];
  };
  let change: AccessChange = { granted: 0, withdrawn: 0 };
  try {
    await askOnce(address, async (admin) => {
      const [missing, superfluous] = await differences(admin);
      if (missing.length > 0) await admin.createAcls({ acl: missing });
      if (superfluous.length > 0) await admin.deleteAcls({ filters: superfluous });
      change = { granted: missing.length, withdrawn: superfluous.length };
      const heard = async (): Promise<boolean> => (await differences(admin)).flat().length === 0;
      await untilHeard(heard, HEARD_MS, 'the brokers do not take over the rules');
    });
  } catch (error) {
    throw asFault(error);
  }
  return change;
}

/** How long the brokers may take to hear of new rules, in milliseconds. */
const HEARD_MS = 20_000;

const byName = (entries: readonly AclEntry[]): ReadonlyMap<string, AclEntry> =>
  new Map(entries.map((entry) => [nameOf(entry), entry]));

function nameOf(entry: AclEntry): string {
  const { resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType } = entry;
  return JSON.stringify([resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType]);
}
