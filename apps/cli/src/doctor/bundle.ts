import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem, uptime } from 'node:os';
import { CliError, EXIT } from '../exit.js';
import { reason } from '../fetch.js';
import { metricsOf } from './ask-service.js';
import type { Finding, Patient } from './finding.js';
import { logEnd } from './log-lines.js';
import { allSamples } from './samples.js';
import { scrubbed, scrubber } from './scrub.js';

/**
 * Writes what somebody elsewhere needs to understand an instance: findings, versions, metrics and the end of each log. No secret,
 * no record and no personal data is in it: settings are not collected at all, logs only by fields that are ours, and every text
 * is scrubbed. Ends the command with `usage` where the file exists or cannot be written.
 */
export async function writeSupportBundle(file: string, findings: readonly Finding[], patient: Patient): Promise<void> {
  const { instance, now } = patient;
  const services = await Promise.all(
    instance.services.map(async (service) => ({
      name: service.name,
      kind: service.kind,
      member: service.member ?? null,
      metrics: await metricsOf(service).then(allSamples, () => null), // its readiness is among the findings
      log: logEnd(service.log),
    })),
  );
  const bundle = { khidi: 'support-bundle', version: 1, made: now().toISOString(), machine: machine(), findings, services };
  const text = `${JSON.stringify(scrubbed(bundle, scrubber(instance.secretsFolder)), undefined, 1)}\n`;
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new CliError(EXIT.usage, `${file} cannot be written (${reason(error)}).`);
  }
}

const machine = () => ({
  node: process.version,
  platform: `${process.platform} ${process.arch} ${release()}`,
  processors: cpus().length,
  memoryBytes: totalmem(),
  upSeconds: Math.round(uptime()),
});
