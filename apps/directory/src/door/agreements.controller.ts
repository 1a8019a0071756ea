import type { IncomingMessage } from 'node:http';
import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { FaultError } from '#faults';
import type { AgreementTerms } from '#policy';
import { type Acted, accept, type Known, propose, revoke } from '../agreements/life.js';
import type { AgreementRecord } from '../state/records.js';
import { answer } from './answer.js';
import { bodyOf } from './bodies.js';
import { DESK, type Desk } from './desk.js';

/** Where members propose, accept and end agreements. Nobody signs in: what counts is the signature of a side over the text. */
@Controller('v1/agreements')
export class AgreementsController {
  constructor(@Inject(DESK) private readonly desk: Desk) {}

  @Get()
  list(): { agreements: readonly AgreementRecord[] } {
    return { agreements: this.desk.register.state.agreements() };
  }

  @Get(':id')
  show(@Param('id') id: string): Promise<AgreementRecord> {
    return answer(() => {
      const agreement = this.desk.register.state.agreement(id);
      if (agreement === undefined) throw new FaultError('AGREEMENT_UNKNOWN');
      return agreement;
    });
  }

  @Post()
  propose(@Req() request: IncomingMessage): Promise<AgreementRecord> {
    return answer(async () => {
      const { terms, jws } = await bodyOf(request, 'propose');
      return this.#act('propose', (known, at) => propose(known, terms as unknown as AgreementTerms, jws, at));
    });
  }

  @Post(':id/versions/:version/acceptance')
  @HttpCode(200)
  accept(@Req() request: IncomingMessage, @Param('id') id: string, @Param('version') version: string): Promise<AgreementRecord> {
    return answer(async () => {
      const { jws } = await bodyOf(request, 'accept');
      return this.#act('accept', (known, at) => accept(known, id, Number(version), jws, at));
    });
  }

  @Post(':id/revocation')
  @HttpCode(200)
  revoke(@Req() request: IncomingMessage, @Param('id') id: string): Promise<AgreementRecord> {
    return answer(async () => {
      const { why, jws } = await bodyOf(request, 'revoke');
      return this.#act('revoke', (known, at) => revoke(known, id, why, jws, at));
    });
  }

  #act(action: string, work: (known: Known, at: Date) => Acted): Promise<AgreementRecord> {
    const { register, now } = this.desk;
    return register.decide((state) => {
      const { agreement, by } = work(state, now());
      const why = agreement.acts.at(-1)?.why ?? '';
      const act = { by, action: `agreement-${action} ${agreement.versions.length}`, why };
      return {
        change: { kind: 'agreement', id: agreement.id, record: agreement },
        act,
        ends: action === 'revoke',
        answer: agreement,
      };
    });
  }
}
