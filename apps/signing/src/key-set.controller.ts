import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { KeyRing } from './keys/key-ring.js';

/** The injection token of the published key sets. */
export const KEY_SETS = Symbol('key sets');
export type KeySets = Pick<KeyRing, 'keySet' | 'signedSet'>;

/** Publishes the public keys (RFC 7517) that verify our envelopes. They are no secret and may be kept for five minutes. */
@Controller('.well-known')
export class KeySetController {
  constructor(@Inject(KEY_SETS) private readonly sets: KeySets) {}

  /** Those that are on envelopes now: current, next, and the ones before for a while. */
  @Get('jwks.json')
  keySet(@Res() response: Response): void {
    send(response, 'application/jwk-set+json', this.sets.keySet());
  }

  /** The same set, signed (`signed_jwks_uri` of OpenID Federation). */
  @Get('jwks.jwt')
  async signed(@Res() response: Response): Promise<void> {
    send(response, 'application/jwk-set+jwt', Buffer.from(await this.sets.signedSet('current')));
  }

  /** All that ever signed and sign no more, signed (historical keys of OpenID Federation). */
  @Get('historical-jwks.jwt')
  async historical(@Res() response: Response): Promise<void> {
    send(response, 'application/jwk-set+jwt', Buffer.from(await this.sets.signedSet('historical')));
  }
}

function send(response: Response, type: string, bytes: Buffer): void {
  response.setHeader('Cache-Control', 'public, max-age=300, must-revalidate');
  response.setHeader('Content-Type', type);
  response.send(bytes); // Express adds the ETag and answers 304 by it
}
