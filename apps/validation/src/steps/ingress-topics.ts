import {
  type MemberId,
  type Membership,
  OPS,
  type Op,
  type RecordType,
  type Registry,
  readIngressTopic,
  readSchemaUrn,
  registryOf,
  type SubsystemId,
  validatedTopic,
} from '#record';

/** What is known of one ingress topic before any of its records is read. */
export interface IngressTopic {
  readonly name: string;
  readonly member: MemberId;
  readonly type: RecordType;
  readonly registry: Registry;
  /** Where its valid records go. */
  readonly validated: string;
  /** Each `source` that may write here, and the subsystem that it names. */
  readonly sources: ReadonlyMap<string, SubsystemId>;
  /** Each event `type` that may stand here, and its operation. */
  readonly types: ReadonlyMap<string, Op>;
  /** Whether the member seals every record itself. */
  readonly seals: boolean;
  /** The schema that a `dataschema` names: the same object each time, undefined where it is malformed or of another type. */
  schemaNamed(dataschema: string): SchemaName | undefined;
}

/** A version of the topic's schema. */
export interface SchemaName {
  readonly subject: RecordType;
  readonly version: number;
}

/** Far more versions than are in use at a time; a sender can name any number. */
const MOST_SCHEMAS = 64;

/** Gives the facts of an ingress topic; they are worked out once for each topic and membership. */
export class IngressTopics {
  #of: Membership | undefined;
  readonly #known = new Map<string, IngressTopic>();

  constructor(private readonly membership: () => Membership) {}

  /** Throws for a topic that is no ingress topic: the stream was wired wrongly. */
  of(name: string): IngressTopic {
    const membership = this.membership();
    if (membership !== this.#of) this.#known.clear();
    this.#of = membership;
    let facts = this.#known.get(name);
    if (facts === undefined) {
      facts = factsOf(name, membership);
      this.#known.set(name, facts);
    }
    return facts;
  }
}

/** A member that is gone, or may no longer publish the type, has no source and no event type left on the topic. */
function factsOf(name: string, { members }: Membership): IngressTopic {
  const owner = readIngressTopic(name);
  if (owner === undefined) throw new TypeError('validation reads ingress topics only');
  const { member, type } = owner;
  const known = members.find(({ id }) => id === member);
  const ops = known?.publishes.includes(type) === true ? OPS : [];
  return {
    name,
    member,
    type,
    registry: registryOf(type),
    validated: validatedTopic(type),
    sources: new Map((known?.subsystems ?? []).map((subsystem) => [`/${subsystem}`, subsystem])),
    types: new Map(ops.map((op) => [`${type}.${op}`, op])),
    seals: known?.seals === true,
    schemaNamed: schemaNames(type),
  };
}

function schemaNames(type: RecordType): IngressTopic['schemaNamed'] {
  const known = new Map<string, SchemaName>();
  return (dataschema) => {
    const before = known.get(dataschema);
    if (before !== undefined) return before;
    const name = readSchemaUrn(dataschema);
    if (name?.subject !== type) return undefined;
    if (known.size >= MOST_SCHEMAS) known.clear();
    known.set(dataschema, name);
    return name;
  };
}
