import type { Question } from '#compatibility';
import type { StoredSchema } from '#schema';
import { RegistryError } from '../registry-error.js';
import { levelOf } from '../steps/config.js';
import { sourceOf } from '../steps/resolve-references.js';
import type { ScopeValue } from '../store/scopes.js';
import type { Store } from '../store/store.js';
import type { Candidate } from './candidate.js';

/** Compares versions: one verb, so that whoever decides need not know how. */
export type Compare = (question: Question) => Promise<Comparison>;

/** What a comparison came to. `messages` are sentences for a person; `verdict` is what programs read. */
export interface Comparison {
  readonly isCompatible: boolean;
  readonly messages: readonly string[];
  readonly verdict: unknown;
}

const SAFE: Comparison = {
  isCompatible: true,
  messages: [],
  verdict: { verdict: 'compatible', argument: [], acceptedRisks: [] },
};

/** Says whether a schema may follow the versions that its subject has. */
export class Safety {
  constructor(
    private readonly store: Store,
    private readonly compare: Compare,
  ) {}

  /** Compares with what the subject's level asks for: the latest version, all of them, or none. */
  async judge(candidate: Candidate): Promise<Comparison> {
    return this.against(candidate, this.store.catalogue.versions(candidate.subject));
  }

  /** Compares with exactly these versions, oldest first, by the subject's level and policy. */
  async against(candidate: Candidate, versions: readonly StoredSchema[]): Promise<Comparison> {
    const { catalogue, scopes } = this.store;
    const config = scopes.inForce('config', candidate.subject);
    const level = levelOf(config);
    const group = groupOf(config);
    const inGroup = versions.filter(
      (version) => group === undefined || groupValue(version, group) === groupValue(candidate, group),
    );
    const earlier = level.endsWith('TRANSITIVE') ? inGroup : inGroup.slice(-1);
    if (level === 'NONE' || earlier.length === 0) return SAFE;
    return this.compare({
      candidate: { text: candidate.schema, references: candidate.resolved.references },
      earlier: earlier.map((version) => sourceOf(catalogue, version)),
      level,
      policy: config?.compatibilityPolicy === 'LENIENT' ? 'LENIENT' : 'STRICT',
    });
  }

  /** Throws 40901 with the reasons where the candidate is not proved to be safe. */
  async refuseUnsafe(candidate: Candidate): Promise<void> {
    const { isCompatible, messages } = await this.judge(candidate);
    if (isCompatible) return;
    throw new RegistryError(
      40901,
      `The schema is incompatible with an earlier one of ${candidate.subject}: ${messages.join(' | ')}`,
    );
  }
}

/** Confluent's compatibility group: only versions with the same value of this metadata property are compared. */
function groupOf(config: ScopeValue | undefined): string | undefined {
  return typeof config?.compatibilityGroup === 'string' ? config.compatibilityGroup : undefined;
}

function groupValue({ metadata }: Pick<Candidate, 'metadata'>, group: string): unknown {
  const properties = metadata?.properties as { [name: string]: unknown } | undefined;
  return properties !== undefined && Object.hasOwn(properties, group) ? properties[group] : undefined;
}
