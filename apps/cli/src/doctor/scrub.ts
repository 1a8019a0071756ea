import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Takes out of a text what a stranger must not read. */
export type Scrub = (text: string) => string;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\/\/[^/@\s]*@/g, '//'], // user and password in an address
  [/\b(Basic|Bearer)\s+[\w+/=.~-]+/gi, '$1 [secret]'],
  [/\beyJ[\w-]+\.[\w-]*\.[\w-]*/g, '[jws]'], // envelopes hold records, tokens are secrets
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, '[address]'],
];
/** Numbers of persons, telephones and accounts, and much that is harmless. */
const DIGITS = /\d[\d ./-]{7,}\d(?![\d:T])/g;
const LEAST_SECRET = 8;

/**
 * Makes the function that scrubs texts for a support bundle. It takes out: every secret that lies in `secretsFolder`, users and
 * passwords in addresses, credentials, tokens and envelopes, e-mail addresses, long runs of digits, the home folder, and every
 * character outside ASCII, since names of persons hide in any script and none of our own words need it.
 */
export function scrubber(secretsFolder: string): Scrub {
  const secrets = secretsIn(secretsFolder).sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
    clean = clean.replaceAll(homedir(), '~').replace(/[^\n\x20-\x7e]+/g, '[…]');
    for (const [pattern, instead] of PATTERNS) clean = clean.replace(pattern, instead);
    return clean.replace(DIGITS, shortened);
  };
}

/** Times, versions and addresses have digits too, so only nine of them together with nothing but separators are taken out. */
function shortened(found: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(found)) return found;
  return found.replace(/\D/g, '').length >= 9 ? '[digits]' : found;
}

/** Whole files, and the texts inside JSON files: a hash of a secret is not for strangers either. */
function secretsIn(folder: string): string[] {
  return filesIn(folder).flatMap((file) => {
    const text = readFileSync(file, 'utf8').trim();
    const inside = file.endsWith('.json') ? [...text.matchAll(/"([^"]{20,})"/g)].map(([, one = '']) => one) : [text];
    return inside.filter((secret) => secret.length >= LEAST_SECRET);
  });
}

function filesIn(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The same value with every text in it scrubbed; keys of objects stay, they are ours. */
export function scrubbed(value: unknown, scrub: Scrub): unknown {
  if (typeof value === 'string') return scrub(value);
  if (Array.isArray(value)) return value.map((one) => scrubbed(one, scrub));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, scrubbed(one, scrub)]));
}
