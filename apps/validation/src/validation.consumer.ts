import { Controller, Inject } from '@nestjs/common';
import type { ReceivedRecord, Verdict } from '#record';
import { OnRecords } from '#stream';
import type { RecordJudge } from './judge-records.js';

/** The injection token of {@link RecordJudge}. */
export const JUDGE = Symbol('judge');

/** Takes ingress records in and gives their verdicts out. */
@Controller()
export class ValidationConsumer {
  constructor(@Inject(JUDGE) private readonly judge: RecordJudge) {}

  @OnRecords('ingress')
  async validate(batch: readonly ReceivedRecord[]): Promise<readonly Verdict[]> {
    return this.judge.judge(batch);
  }
}
