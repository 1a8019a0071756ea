import type { IncomingMessage } from 'node:http';
import { Controller, Get, HttpCode, Inject, Param, Post, Req, UseGuards } from '@nestjs/common';
import { certificateFor, certificationRequest, type KeyCommand, type KeyCustody, type KeyRecord, signerOf } from '#envelope';
import { OfficerGuard, officerOf, readBody } from '#http';
import type { KeyRegister } from '../keys/key-register.js';
import { certificateOf, memberKeyOf, purposeOf, readBodyOf, revocationOf, subjectOf, whyOf } from './requests.js';

/** The injection token of {@link KeyDesk}. */
export const KEY_DESK = Symbol('key desk');

export interface KeyDesk {
  readonly register: KeyRegister;
  readonly custody: KeyCustody;
  readonly now: () => Date;
}

const MAX_BODY = 64 * 1024;

/** Where officers decide on keys: `khidi key …` talks to it. Every answer is the key in its new state, without anything secret. */
@Controller('v1/keys')
@UseGuards(OfficerGuard)
export class KeyDeskController {
  constructor(@Inject(KEY_DESK) private readonly desk: KeyDesk) {}

  @Get()
  list(): { keys: readonly KeyRecord[] } {
    return { keys: this.desk.register.all() };
  }

  /** A new key in our store, or, with `member` and `jwk`, the public key by which a member seals. */
  @Post()
  async create(@Req() request: IncomingMessage): Promise<KeyRecord> {
    const body = await bodyOf(request);
    const asked = { by: officerOf(request), why: whyOf(body) };
    const { register, now } = this.desk;
    if (body.member !== undefined) {
      const { member, key } = memberKeyOf(body, now());
      return register.admit(key, member, asked);
    }
    const { purpose, alg } = purposeOf(body);
    return register.create(purpose, alg, asked);
  }

  @Post(':kid/activate')
  @HttpCode(200)
  activate(@Req() request: IncomingMessage, @Param('kid') kid: string): Promise<KeyRecord> {
    return this.act(request, kid, () => ({ act: 'activate' }));
  }

  @Post(':kid/retire')
  @HttpCode(200)
  retire(@Req() request: IncomingMessage, @Param('kid') kid: string): Promise<KeyRecord> {
    return this.act(request, kid, () => ({ act: 'retire' }));
  }

  @Post(':kid/revoke')
  @HttpCode(200)
  revoke(@Req() request: IncomingMessage, @Param('kid') kid: string): Promise<KeyRecord> {
    return this.act(request, kid, (body) => revocationOf(body, this.desk.now()));
  }

  /** A certification request (PKCS #10) for a key of ours. */
  @Post(':kid/csr')
  @HttpCode(200)
  async csr(@Req() request: IncomingMessage, @Param('kid') kid: string): Promise<{ csr: string }> {
    const { register, custody } = this.desk;
    const key = register.get(kid);
    return { csr: await certificationRequest(subjectOf(await bodyOf(request)), key, signerOf(custody, key.kid)) };
  }

  /** The certificate that an authority issued for it. */
  @Post(':kid/certificate')
  @HttpCode(200)
  certificate(@Req() request: IncomingMessage, @Param('kid') kid: string): Promise<KeyRecord> {
    const { register, now } = this.desk;
    return this.act(request, kid, (body) => ({
      act: 'certify',
      certificate: certificateFor(certificateOf(body), register.get(kid).jwk, now()),
    }));
  }

  private async act(
    request: IncomingMessage,
    kid: string,
    command: (body: Readonly<Record<string, unknown>>) => KeyCommand,
  ): Promise<KeyRecord> {
    const body = await bodyOf(request);
    return this.desk.register.act(kid, command(body), { by: officerOf(request), why: whyOf(body) });
  }
}

const bodyOf = async (request: IncomingMessage) => readBodyOf(await readBody(request, MAX_BODY));
