import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { CONFIGURATION_KEY } from '#configuration';
import { openapi } from '../openapi/document.js';
import { DESK, type Desk } from './desk.js';

const DOCUMENT = JSON.stringify(openapi);

/** What anybody may read: the signed configuration, the keys that it is verified by, and what the doors understand. */
@Controller()
export class ConfigurationController {
  constructor(@Inject(DESK) private readonly desk: Desk) {}

  /** Answers CONFIGURATION_EXPIRED or CONFIGURATION_MISSING rather than with one that nobody may use. */
  @Get('configuration')
  configuration(@Res() response: Response): void {
    const { notAfter } = this.desk.followed.current();
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('Expires', notAfter.toUTCString());
    response.setHeader('Content-Type', 'application/khidi-configuration+jwt');
    response.send(this.desk.published.get(CONFIGURATION_KEY));
  }

  @Get('.well-known/jwks.json')
  keys(@Res() response: Response): void {
    response.setHeader('Content-Type', 'application/jwk-set+json');
    response.send(JSON.stringify(this.desk.jwks));
  }

  @Get('openapi.json')
  openapi(@Res() response: Response): void {
    response.setHeader('Content-Type', 'application/json');
    response.send(DOCUMENT);
  }
}
