import type { IncomingMessage } from 'node:http';
import { Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { isJsonObject, parseStrict } from '#canonical';
import { callerAmong, callerOf, FewAtOnce, type KnownCallers, ProblemException, readBody, readQuery, wrong } from '#http';
import { subsystemId } from '#record';
import type { MissingReceipt, ReceiptCount, ReceiptDesk, ReceiptResult, Sight } from './receipt-desk.js';

/** The injection token of {@link ReceiptDoor}. */
export const RECEIPT_DOOR = Symbol('receipt door');

/** What the door for receipts takes: its desk, the subsystems that may call, and the operators, who see everything. */
export interface ReceiptDoor extends KnownCallers {
  readonly desk: ReceiptDesk;
  readonly operators: KnownCallers['callers'];
}

const MAX_BODY = 1024 * 1024;
const MOST_RECEIPTS = 500;
/** How many requests of one consumer may wait: each holds its body until those before it, of whomever, were judged. */
const MOST_OPEN = 4;

/** Where consumers bring receipts, and consumers, providers and operators see what is missing. */
@Controller('v1/receipts')
export class ReceiptsController {
  private readonly few = new FewAtOnce(MOST_OPEN, 'requests');

  constructor(@Inject(RECEIPT_DOOR) private readonly door: ReceiptDoor) {}

  /** Takes `{"receipts": ["<JWS>", …]}`, at most 500, and answers for each, in order. */
  @Post()
  @HttpCode(200)
  async take(@Req() request: IncomingMessage): Promise<{ results: readonly ReceiptResult[] }> {
    const consumer = subsystemId(callerOf(request, this.door));
    if (consumer === undefined) throw new ProblemException('DOOR_FORBIDDEN');
    return this.few.run(consumer, async () => ({
      results: await this.door.desk.take(consumer, receiptsIn(await readBody(request, MAX_BODY))),
    }));
  }

  /** How many came and how many are awaited in each lane; with `missing=yes` also which ones are overdue. `consumer` and `type` choose. */
  @Get()
  list(@Req() request: IncomingMessage): { lanes: readonly ReceiptCount[]; missing?: readonly MissingReceipt[] } {
    const sees = this.sightOf(request);
    const { missing, ...asked } = readQuery(request, ['missing', 'consumer', 'type']);
    const lanes = this.door.desk.counts(sees, asked);
    return missing === 'yes' ? { lanes, missing: this.door.desk.missing(sees, asked) } : { lanes };
  }

  private sightOf(request: IncomingMessage): Sight {
    const { operators, callers, metrics } = this.door;
    const kinds = [
      ['operator', operators],
      ['subsystem', callers],
    ] as const;
    const { kind, user } = callerAmong(request, kinds, metrics);
    if (kind === 'operator') return 'everything';
    const subsystem = subsystemId(user);
    if (subsystem === undefined) throw new ProblemException('DOOR_FORBIDDEN');
    return subsystem;
  }
}

function receiptsIn(body: Buffer): readonly string[] {
  const parsed = parseStrict(body);
  const receipts = parsed.ok && isJsonObject(parsed.value) ? parsed.value.receipts : undefined;
  const fits = Array.isArray(receipts) && receipts.length > 0 && receipts.length <= MOST_RECEIPTS;
  if (fits && receipts.every((one) => typeof one === 'string')) return receipts as readonly string[];
  throw wrong(`the body is {"receipts": ["…"]} with at most ${MOST_RECEIPTS} receipts`);
}
