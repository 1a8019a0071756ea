import type { IncomingMessage, ServerResponse } from 'node:http';
import { All, Controller, Get, Inject, Req, Res, UseGuards } from '@nestjs/common';
import { joinSignals } from '#concurrency';
import { CallerGone, ProblemException, readQuery, readWhole, wrong } from '#http';
import { OUTCOME_KINDS, type Outcome, type OutcomeKind } from '#record';
import { CallerGuard, callerOf } from './caller.guard.js';
import { NDJSON } from './door.js';
import { MAX_PAGE, MAX_WAIT_SECONDS } from './limits.js';
import { PARTS, type Parts } from './parts.js';
import { followPages, OLDEST, type OutcomeQuery } from './read-outcomes.js';
import { writeText } from './steps/write-text.js';
import { type Cursors, cursorsOf, type Place } from './store/cursor.js';
import type { PlacedOutcome } from './store/outcome-store.js';

const DEFAULT_PAGE = 100;

/** What became of the caller's events, oldest first. */
@Controller('v1/outcomes')
@UseGuards(CallerGuard)
export class OutcomesController {
  private readonly sources: ReadonlySet<string>;
  private readonly cursors: Cursors;

  constructor(@Inject(PARTS) private readonly parts: Parts) {
    this.sources = new Set(parts.member.subsystems.map((subsystem) => `/${subsystem}`));
    this.cursors = cursorsOf(parts.outcomesTopic);
  }

  @Get()
  async read(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const { source } = callerOf(request);
    const sent = readQuery(request, ['after', 'limit', 'kind', 'wait']);
    const streamed = (request.headers.accept ?? '').toLowerCase().includes(NDJSON);
    const wait = readWhole('wait', sent.wait, 0, MAX_WAIT_SECONDS, 0);
    const most = streamed ? 1_000_000 : MAX_PAGE;
    const limit = readWhole('limit', sent.limit, 1, most, streamed ? most : DEFAULT_PAGE);
    const from = await this.placeOf(sent.after);
    const query = { from, kinds: kindsOf(sent.kind), mayRead: this.readableBy(source), limit };
    const { signal: stopping, end } = joinSignals([this.parts.stopping]);
    response.once('close', end);
    try {
      if (streamed) await this.stream(query, wait, stopping, response);
      else await this.page(query, wait, stopping, response);
    } catch (error) {
      if (!(error instanceof CallerGone)) throw error;
      response.destroy();
    } finally {
      end();
    }
  }

  @All()
  other(): never {
    throw new ProblemException('DOOR_METHOD', { headers: { allow: 'GET' } });
  }

  private async page(query: OutcomeQuery, wait: number, stopping: AbortSignal, response: ServerResponse): Promise<void> {
    for await (const page of followPages(this.parts.store, query, wait, stopping)) {
      const body = { outcomes: page.outcomes.map((found) => this.shown(found)), next: this.cursor(page.next), more: page.more };
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify(body));
      return;
    }
  }

  private async stream(query: OutcomeQuery, wait: number, stopping: AbortSignal, response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': NDJSON, 'cache-control': 'no-store' });
    response.flushHeaders();
    let left = query.limit;
    const bounded: OutcomeQuery = { ...query, limit: Math.min(query.limit, MAX_PAGE) };
    for await (const page of followPages(this.parts.store, bounded, wait, stopping)) {
      const lines = page.outcomes.slice(0, left);
      left -= lines.length;
      await writeText(response, this.lines(lines));
      if (left === 0) break;
    }
    response.end();
  }

  private lines(outcomes: readonly PlacedOutcome[]): string {
    return outcomes.map((found) => `${JSON.stringify(this.shown(found))}\n`).join('');
  }

  /** Each outcome brings the cursor after itself, so that a reader who stops anywhere can go on from there. */
  private shown({ place, outcome }: PlacedOutcome): Outcome & { cursor: string } {
    return { ...outcome, cursor: this.cursor({ offset: place.offset, index: place.index + 1 }) };
  }

  private cursor(place: Place): string {
    return this.cursors.write(place);
  }

  private async placeOf(cursor: string | undefined): Promise<Place> {
    if (cursor === undefined) return OLDEST;
    const place = this.cursors.read(cursor);
    if (place === undefined) throw new ProblemException('DOOR_CURSOR');
    if (place.offset < (await this.parts.store.sweptTo())) throw new ProblemException('DOOR_CURSOR_EXPIRED');
    return place;
  }

  /**
   * A subsystem reads what it sent itself. Outcomes whose source names no subsystem of the member (direct writers' mistakes) would
   * otherwise be read by nobody; they contain no more than faults and attributes, and every subsystem of the member reads them.
   */
  private readableBy(source: string): (outcome: Outcome) => boolean {
    return (outcome) => outcome.source === source || outcome.source === undefined || !this.sources.has(outcome.source);
  }
}

function kindsOf(sent: string | undefined): ReadonlySet<OutcomeKind> {
  if (sent === undefined) return new Set(OUTCOME_KINDS);
  const kinds = sent.split(',').map((word) => OUTCOME_KINDS.find((kind) => kind === word));
  if (!kinds.every((kind) => kind !== undefined)) throw wrong(`kind is one or more of ${OUTCOME_KINDS.join(', ')}`);
  return new Set(kinds);
}
