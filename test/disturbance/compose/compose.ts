import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A service as the file of compose describes it, as far as it is used there. */
export interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly restart?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: keyof typeof CONDITIONS }>>;
  readonly healthcheck?: {
    readonly test: readonly string[];
    readonly interval: string;
    readonly timeout: string;
    readonly retries: number;
  };
  readonly stop_grace_period?: string;
}

/** What has to be true of a service before another one that depends on it is started. */
const CONDITIONS = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
} as const;
export type Stage = (typeof CONDITIONS)[keyof typeof CONDITIONS];

/** Reads the file; `$$` becomes `$`, as compose has it. */
export function readCompose(file: string): Readonly<Record<string, ComposeService>> {
  const text = readFileSync(file, 'utf8').replaceAll('$$', '$');
  return (parse(text, { merge: true }) as { services: Record<string, ComposeService> }).services;
}

/** What a service waits for. */
export const waitsFor = ({ depends_on = {} }: ComposeService): readonly { readonly name: string; readonly stage: Stage }[] =>
  Object.entries(depends_on).map(([name, { condition }]) => ({ name, stage: CONDITIONS[condition] }));

/** `volume:/path[:ro]` taken apart. */
export const mountsOf = ({ volumes = [] }: ComposeService) =>
  volumes.map((text) => {
    const [volume = '', inside = '', mode] = text.split(':');
    return { volume, inside, isReadOnly: mode === 'ro' };
  });

/** `10s` in milliseconds. */
export const milliseconds = (text: string): number => Number.parseInt(text, 10) * 1000;

/** The words of a health check, as they are run. */
export function checkOf({ test: [kind, ...words] }: NonNullable<ComposeService['healthcheck']>): readonly string[] {
  return kind === 'CMD-SHELL' ? ['sh', '-c', ...words] : words;
}
