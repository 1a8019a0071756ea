import { RegistryError } from '../registry-error.js';
import { REVIEW_ROUTES } from './reviews.js';
import type { Route } from './route.js';
import { SCHEMA_ROUTES } from './schemas.js';
import { SERVER_ROUTES } from './server.js';
import { SUBJECT_ROUTES } from './subjects.js';

/** Every door of the registry. */
const ROUTES: readonly Route[] = [...SUBJECT_ROUTES, ...SCHEMA_ROUTES, ...SERVER_ROUTES, ...REVIEW_ROUTES];

const byLength = new Map<number, Route[]>();
for (const route of ROUTES) byLength.set(route.path.length, [...(byLength.get(route.path.length) ?? []), route]);
/** Names before parameters, so that `/schemas/types` is not taken for another. */
for (const routes of byLength.values()) routes.sort((a, b) => stars(a) - stars(b));

/** The route for a request, and the decoded segments of its path. Throws 404 and 405, and 42208 for a segment that cannot be decoded. */
export function findRoute(method: string, pathname: string): { readonly route: Route; readonly segments: readonly string[] } {
  const raw = pathname === '/' ? [] : pathname.replace(/^\/|\/$/g, '').split('/'); // an empty name in between is a name
  const fitting = (byLength.get(raw.length) ?? []).filter(({ path }) => path.every((name, i) => name === '*' || name === raw[i]));
  const route = fitting.find((one) => one.method === method);
  if (route !== undefined) return { route, segments: raw.map(decode) };
  if (fitting.length > 0) throw new RegistryError(405, 'HTTP 405 Method Not Allowed');
  throw new RegistryError(404, 'HTTP 404 Not Found');
}

function stars({ path }: Route): number {
  return path.filter((name) => name === '*').length;
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new RegistryError(42208, 'The path is not UTF-8 in percent encoding.');
  }
}
