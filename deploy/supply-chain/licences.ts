/**
 * Licences (SPDX) that a dependency of the product may have: permissive ones, which may be passed on within EUPL-1.2. A new one is
 * added here by a person who has read it, with the reason in docs/dependencies.md.
 */
export const ALLOWED_LICENCES = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'Python-2.0',
  'PSF-2.0',
  'CC-BY-4.0',
] as const;

/** What a package says of its licence: `license` is SPDX; very old packages have a list of `licenses`. */
export interface Licensed {
  readonly license?: string;
  readonly licenses?: readonly { readonly type?: string }[];
}

/** The SPDX expression of a package, or undefined where it says nothing. */
export function licenceOf({ license, licenses }: Licensed): string | undefined {
  if (license !== undefined) return license;
  const types = licenses?.flatMap(({ type }) => type ?? []) ?? [];
  return types.length === 0 ? undefined : types.join(' OR ');
}

/** Whether an expression is allowed: of `A OR B` one is enough, of `A AND B` all are needed. */
export function isAllowed(expression: string): boolean {
  const plain = expression.replace(/^\((.*)\)$/, '$1');
  if (plain.includes(' AND ')) return plain.split(' AND ').every(isAllowed);
  return plain.split(' OR ').some((one) => ALLOWED_LICENCES.some((allowed) => allowed === one));
}
