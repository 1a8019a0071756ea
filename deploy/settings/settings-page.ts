import type { Setting } from '#settings';
import { SERVICES } from './all-settings.js';

/**
 * The rows of the table in `docs/settings.md`, by name. Services that mean the same by a variable share a row; where they do not
 * (each has its own `KHIDI_STORE`), each meaning has one.
 */
export function settingRows(): readonly string[] {
  const users = new Map<string, string[]>();
  for (const [service, settings] of Object.entries(SERVICES)) {
    for (const setting of Object.values(settings)) {
      const cells = cellsOf(setting);
      users.set(cells, [...(users.get(cells) ?? []), service]);
    }
  }
  return [...users].map(([cells, services]) => `| ${cells} | ${services.join(', ')} |`).sort();
}

function cellsOf({ name, about, allowed, fallback, optional, fromFile }: Setting<unknown>): string {
  const names = fromFile === true ? `\`${name}\` or \`${name}_FILE\`` : `\`${name}\``;
  return [names, allowed, optional === true ? 'optional' : defaultOf(fallback), sentence(about)].join(' | ');
}

function defaultOf(fallback: unknown): string {
  if (fallback === undefined) return '**required**';
  if (fallback === '') return 'empty';
  if (typeof fallback === 'boolean') return fallback ? '`yes`' : '`no`';
  return `\`${String(fallback)}\``;
}

/** As a sentence, in which an angle bracket is no mark-up. */
const sentence = (about: string) => `${about.charAt(0).toUpperCase()}${about.slice(1)}.`.replaceAll('<', '\\<');
