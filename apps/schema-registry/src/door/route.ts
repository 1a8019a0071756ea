import type { Registry } from '../registry.js';
import type { Role } from './access.js';
import type { Reply } from './answers.js';
import type { Call } from './call.js';

/** One line of the contract. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Segments; `*` is a parameter. */
  readonly path: readonly string[];
  /** Any of these may; an administrator always. */
  readonly roles: readonly Role[];
  /**
   * `now`: answered from what is known here, after a look at Kafka that nothing is missing. `lasting`: what is found never changes, so
   * only what is not found is looked for again. `own`: the handler sees to it.
   */
  readonly fresh: 'now' | 'lasting' | 'own';
  /** Whether the same request gets the same answer for as long as nothing changes in the store. */
  readonly repeatable: boolean;
  /** Whether something may change, which needs a caller with a name. */
  readonly writes: boolean;
  handle(registry: Registry, call: Call): Reply | Promise<Reply>;
}

type Handler = Route['handle'];

const route = (
  method: Route['method'],
  roles: readonly Role[],
  [fresh, repeatable, writes]: readonly [Route['fresh'], boolean, boolean],
  path: string,
  handle: Handler,
): Route => ({
  method,
  repeatable,
  writes,
  roles: [...roles, 'administrator'],
  fresh,
  path: path.split('/').filter((segment) => segment !== ''),
  handle,
});

const READERS: readonly Role[] = ['reader', 'developer', 'approver'];

/** Whoever may read. */
export const reads = (path: string, handle: Handler, fresh: Route['fresh'] = 'now'): Route =>
  route('GET', READERS, [fresh, true, false], path, handle);
/** Whoever may read what changes with time, too. */
export const watches = (path: string, handle: Handler): Route => route('GET', READERS, ['now', false, false], path, handle);
/** Asks with a body and changes nothing. */
export const asks = (path: string, handle: Handler): Route => route('POST', READERS, ['now', true, false], path, handle);
/** Changes what `roles` (besides administrators) may change. */
export const changes = (method: 'POST' | 'PUT' | 'DELETE', path: string, roles: readonly Role[], handle: Handler): Route =>
  route(method, roles, ['own', false, true], path, handle);
/** Changes something the first time, and nothing when it is repeated. */
export const ensures = (path: string, roles: readonly Role[], handle: Handler): Route =>
  route('POST', roles, ['now', true, true], path, handle);

/** A schema text as its own document. */
export const textReply = (text: string): Reply => ({ text });
