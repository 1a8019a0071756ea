import type { IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { Controller, Get, Inject, Post, Req, UseGuards } from '@nestjs/common';
import { FaultError } from '#faults';
import { OfficerGuard, officerOf } from '#http';
import { instantOf } from '#policy';
import { instant, type PurposeRecord } from '../state/records.js';
import { answer } from './answer.js';
import { bodyOf } from './bodies.js';
import { DESK, type Desk } from './desk.js';

/** The purpose register: why data may be given at all, each with the law that it rests on. */
@Controller('v1/purposes')
export class PurposesController {
  constructor(@Inject(DESK) private readonly desk: Desk) {}

  @Get()
  list(): { purposes: readonly PurposeRecord[] } {
    return { purposes: this.desk.register.state.purposes() };
  }

  /** What a purpose says never changes, since agreements were signed by it: another basis is another purpose. */
  @Post()
  @UseGuards(OfficerGuard)
  add(@Req() request: IncomingMessage): Promise<PurposeRecord> {
    return answer(async () => {
      const { why, until, ...said } = await bodyOf(request, 'purpose');
      const purpose = { ...said, ...(until === undefined ? {} : { until }) };
      if (until !== undefined && !(instantOf(said.from) < instantOf(until)))
        throw new FaultError('DIRECTORY_REQUEST_INVALID', '/until is not after /from');
      const { register, now } = this.desk;
      const by = officerOf(request);
      return register.decide((state) => {
        const known = state.purpose(purpose.id);
        if (known !== undefined) throw new FaultError('PURPOSE_EXISTS', sameAs(known, purpose) ? 'with the same content' : '');
        const record: PurposeRecord = { ...purpose, acts: [{ act: 'add', by, at: instant(now()), why }] };
        return { change: { kind: 'purpose', id: purpose.id, record }, act: { by, action: 'purpose-add', why }, answer: record };
      });
    });
  }
}

const sameAs = ({ acts: _acts, ...known }: PurposeRecord, purpose: object): boolean => isDeepStrictEqual(known, purpose);
