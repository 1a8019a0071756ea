import type { KeyCustody, KeyDescription, KeyPurpose, SignatureAlgorithm } from '#envelope';

/**
 * The newest key of a purpose that has one key at a time, made at the first start; `made` says which. For purposes whose keys are
 * rotated, the states of the keys say which one signs, not this.
 */
export async function keyFor(
  custody: KeyCustody,
  purpose: KeyPurpose,
  alg: SignatureAlgorithm,
  now: Date,
): Promise<{ readonly key: KeyDescription; readonly made: boolean }> {
  const key = (await custody.keys(purpose)).filter((one) => one.alg === alg).at(-1);
  return key === undefined ? { key: await custody.create(purpose, alg, now), made: true } : { key, made: false };
}
