import { Controller, Inject } from '@nestjs/common';
import type { ReceivedRecord, Verdict } from '#record';
import { OnRecords } from '#stream';
import type { RecordSealing } from './seal-records.js';

/** The injection token of {@link RecordSealing}. */
export const SEALING = Symbol('sealing');

/** Takes validated records in and gives their verdicts out. */
@Controller()
export class SigningConsumer {
  constructor(@Inject(SEALING) private readonly sealing: RecordSealing) {}

  @OnRecords('validated')
  async seal(batch: readonly ReceivedRecord[]): Promise<readonly Verdict[]> {
    return this.sealing.seal(batch);
  }
}
