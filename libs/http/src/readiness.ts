import type { Metrics } from '#telemetry';

/** Named questions whether a dependency lets the service work. */
export type Checks = Readonly<Record<string, () => boolean | Promise<boolean>>>;

/** The answer of `/health/ready`. */
export interface Readiness {
  readonly status: 'ready' | 'not ready';
  readonly checks: Readonly<Record<string, boolean>>;
}

const CHECK_MILLISECONDS = 2000;

/** Asks every check; one that throws or takes longer than two seconds counts as no. */
export async function readiness(checks: Checks, metrics: Metrics): Promise<Readiness> {
  const answers = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, boolean]> => {
      const yes = await answerInTime(check);
      metrics.ready.set({ dependency: name }, yes ? 1 : 0);
      return [name, yes];
    }),
  );
  return { status: answers.every(([, yes]) => yes) ? 'ready' : 'not ready', checks: Object.fromEntries(answers) };
}

async function answerInTime(check: () => boolean | Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_MILLISECONDS);
  });
  try {
    return await Promise.race([Promise.resolve(check()), late]);
  } catch {
    return false; // a check that cannot answer is a no
  } finally {
    clearTimeout(timer);
  }
}
