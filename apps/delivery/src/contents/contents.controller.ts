import type { IncomingMessage } from 'node:http';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { isJsonObject, parseStrict } from '#canonical';
import { MAX_ENVELOPE_BYTES } from '#envelope';
import { FaultError } from '#faults';
import { callerOf, FewAtOnce, type KnownCallers, ProblemException, readBody, wrong } from '#http';
import { contentUrn, subsystemId } from '#record';
import type { Metrics } from '#telemetry';
import type { ContentDesk, Permitted } from './content-desk.js';

/** The injection token of {@link ContentDoor}. */
export const CONTENT_DOOR = Symbol('content door');

/** What the door for permits takes: its desk, absent where no contents are fetched, and the subsystems that may call. */
export interface ContentDoor extends KnownCallers {
  readonly desk: ContentDesk | undefined;
  readonly metrics: KnownCallers['metrics'] & Pick<Metrics, 'contentPermits'>;
}

const MAX_BODY = MAX_ENVELOPE_BYTES + 4096;
/** How many permits one consumer may ask for at once: each holds an envelope and waits for Kafka. */
const MOST_OPEN = 8;

/** Where a consumer gets permits for the contents that its records name. It calls with the id and the secret of its subsystem. */
@Controller('v1/content-permits')
export class ContentPermitsController {
  private readonly few = new FewAtOnce(MOST_OPEN, 'permits');

  constructor(@Inject(CONTENT_DOOR) private readonly door: ContentDoor) {}

  /** Takes `{"envelope": "<as it was delivered, decrypted>", "dataref": "urn:khidi:content:…"}`. */
  @Post()
  @HttpCode(200)
  async permit(@Req() request: IncomingMessage): Promise<Permitted> {
    const consumer = subsystemId(callerOf(request, this.door));
    const { desk, metrics } = this.door;
    if (consumer === undefined) throw new ProblemException('DOOR_FORBIDDEN');
    if (desk === undefined) throw new ProblemException('DOOR_NOT_FOUND');
    try {
      const permitted = await this.few.run(consumer, async () => {
        const { envelope, content } = askedIn(await readBody(request, MAX_BODY));
        return desk.permit(consumer, envelope, content);
      });
      metrics.contentPermits.inc({ consumer, result: 'given' });
      return permitted;
    } catch (error) {
      const isFault = error instanceof FaultError || error instanceof ProblemException;
      metrics.contentPermits.inc({ consumer, result: isFault ? error.code : 'broken-off' });
      throw error;
    }
  }
}

function askedIn(body: Buffer) {
  const parsed = parseStrict(body);
  const { envelope, dataref } = parsed.ok && isJsonObject(parsed.value) ? parsed.value : {};
  const content = typeof dataref === 'string' ? contentUrn(dataref) : undefined;
  if (typeof envelope !== 'string' || content === undefined)
    throw wrong('the body is {"envelope": "…", "dataref": "urn:khidi:content:…"}');
  return { envelope: Buffer.from(envelope, 'latin1'), content };
}
