import type { FaultCode } from '#faults';
import type { Policy, Rule, Scheme } from './scheme.js';
import { SCHEMES, type SchemeName } from './table.js';

/** The first thing about an identifier that does not hold. */
export interface Finding {
  readonly code: Extract<FaultCode, `IDENTIFIER_${string}`>;
  /** Whether the record is refused for it, or passed on with a warning. */
  readonly rejects: boolean;
}

/** The longest identifier of any scheme, with room: longer texts have no form, and are not looked at. */
const MOST_CHARACTERS = 64;

/**
 * Whether an identifier has what its scheme publishes: its form, then its parts, then its check digit; undefined where all that is
 * published holds. It never says whose identifier it is, or that anybody has it. `policy` stands in for what the table
 * says: `off` asks nothing, `warn` never rejects, `enforce` rejects except where a rule never does.
 */
export function examine(name: SchemeName, text: string, policy?: Policy): Finding | undefined {
  if (policy === 'off') return undefined;
  const scheme: Scheme = SCHEMES[name];
  const { hasForm, hasParts, hasCheckDigit } = scheme;
  const findings: (Finding | undefined)[] = [];
  if (text.length > MOST_CHARACTERS || !hasForm.holds(text)) return finding('IDENTIFIER_FORM', hasForm, policy);
  if (hasParts?.holds(text) === false) findings.push(finding('IDENTIFIER_PARTS', hasParts, policy));
  if (hasCheckDigit?.holds(text) === false) findings.push(finding('IDENTIFIER_CHECK_DIGIT', hasCheckDigit, policy));
  return findings.find((one) => one?.rejects === true) ?? findings[0];
}

function finding(code: Finding['code'], { policy: usual, warnsAtMost }: Rule, policy = usual as Policy): Finding {
  return { code, rejects: policy === 'enforce' && warnsAtMost !== true };
}

/** Whether there is any text that a scheme rejects under a policy. */
export function mayReject(name: SchemeName, policy?: Policy): boolean {
  const { hasForm, hasParts, hasCheckDigit }: Scheme = SCHEMES[name];
  const rules = [hasForm, hasParts, hasCheckDigit].filter((rule) => rule !== undefined);
  return rules.some((rule) => (policy ?? rule.policy) === 'enforce' && rule.warnsAtMost !== true);
}

/** What it means that nothing was found: which rules hold, and no more than that. */
export function whatHolds(name: SchemeName): string {
  const { hasParts, hasCheckDigit }: Scheme = SCHEMES[name];
  const parts = hasParts === undefined ? '' : ' and parts';
  return hasCheckDigit === undefined ? `form${parts} hold${parts === '' ? 's' : ''}` : `form${parts} hold, check digit holds`;
}
