import type { IncomingMessage, ServerResponse } from 'node:http';
import { Attempts, authenticate, type Callers, ProblemException } from '#http';
import { type Member, subsystemId } from '#record';
import type { Metrics } from '#telemetry';
import type { ContentStore } from './contents/content-store.js';
import type { Caller } from './door-event.js';

/**
 * Lets nobody through without the secret of a subsystem (DOOR_UNAUTHENTICATED). Wrong attempts from one address are counted; beyond a
 * limit they are answered DOOR_THROTTLED. Right credentials always get in, so that nobody can lock an agency out.
 */
export class CallerGate {
  private readonly attempts = new Attempts();
  private known: { readonly callers: Callers; readonly by: ReadonlyMap<string, Caller> } | undefined;

  constructor(
    private readonly member: Member,
    /** Asked at each request: secrets change while the door is open. */
    private readonly callers: () => Callers,
    private readonly metrics: Pick<Metrics, 'refusedCallers'>,
    private readonly now: () => Date,
    private readonly contents?: Pick<ContentStore, 'holds'>,
  ) {}

  /** Who calls. Throws the answer to whoever may not. */
  identify(request: IncomingMessage, response: ServerResponse): Caller {
    const callers = this.callers();
    if (this.known?.callers !== callers) this.known = { callers, by: subsystemsOf(this.member, callers, this.contents) };
    const user = authenticate(request.headers.authorization, callers);
    const caller = user === undefined ? undefined : this.known.by.get(user);
    if (caller !== undefined) return caller;
    this.metrics.refusedCallers.inc();
    response.setHeader('connection', 'close'); // a body that nobody asked for is not read to its end
    const tooMany = this.attempts.failed(request.socket.remoteAddress ?? '', this.now().getTime());
    throw new ProblemException(tooMany ? 'DOOR_THROTTLED' : 'DOOR_UNAUTHENTICATED');
  }
}

function subsystemsOf(
  member: Member,
  callers: Callers,
  contents: Pick<ContentStore, 'holds'> | undefined,
): ReadonlyMap<string, Caller> {
  const publishes = new Set(member.publishes);
  const by = new Map<string, Caller>();
  for (const code of callers.keys()) {
    const subsystem = subsystemId(`${member.id}/${code}`);
    if (subsystem === undefined) continue;
    const holds: Pick<Caller, 'holds'> =
      contents === undefined ? {} : { holds: (reference) => contents.holds(reference, subsystem) };
    by.set(code, { subsystem, source: `/${subsystem}`, publishes, ...holds });
  }
  return by;
}
