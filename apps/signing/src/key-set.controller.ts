import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';

/** The injection token of the bytes of the published key set. */
export const KEY_SET = Symbol('key set');

/** Publishes the public keys (RFC 7517) that verify our envelopes. They are no secret and may be kept for five minutes. */
@Controller('.well-known')
export class KeySetController {
  constructor(@Inject(KEY_SET) private readonly bytes: Buffer) {}

  @Get('jwks.json')
  keySet(@Res() response: Response): void {
    response.setHeader('Cache-Control', 'public, max-age=300, must-revalidate');
    response.setHeader('Content-Type', 'application/jwk-set+json');
    response.send(this.bytes); // Express adds the ETag and answers 304 by it
  }
}
