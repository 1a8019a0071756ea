import type { IncomingMessage } from 'node:http';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { callerOf, type KnownCallers, readBody } from '#http';
import type { Logger, Metrics } from '#telemetry';
import type { PseudonymKeys } from '../keys/pseudonym-keys.js';
import { MAX_QUESTION, readQuestion } from './read-question.js';

/** The injection token of {@link PseudonymDoor}. */
export const PSEUDONYM_DOOR = Symbol('pseudonym door');

/** What the door takes: the keys, which never leave this process, and the services that may ask. */
export interface PseudonymDoor extends KnownCallers {
  readonly keys: Pick<PseudonymKeys, 'of'>;
  readonly metrics: Pick<Metrics, 'refusedCallers' | 'pseudonymsAsked'>;
  readonly log: Pick<Logger, 'info'>;
}

/**
 * Where another service of the gateway learns under which pseudonym a subject is known, since nobody else has the key. Whoever may ask could
 * try identifiers one after another: so few may, each question is logged with its size, and nothing of what was asked is kept.
 */
@Controller('v1/pseudonyms')
export class PseudonymsController {
  constructor(@Inject(PSEUDONYM_DOOR) private readonly door: PseudonymDoor) {}

  /** Takes `{"identifiers": […], "registries": […]}` and gives, identifier by identifier, the pseudonym in each registry. */
  @Post()
  @HttpCode(200)
  async pseudonyms(@Req() request: IncomingMessage): Promise<{ pseudonyms: readonly Readonly<Record<string, string>>[] }> {
    const caller = callerOf(request, this.door);
    const { identifiers, registries } = readQuestion(await readBody(request, MAX_QUESTION));
    this.door.metrics.pseudonymsAsked.inc({ caller }, identifiers.length);
    this.door.log.info('pseudonyms were asked for', { caller, identifiers: identifiers.length, registries: registries.join() });
    return {
      pseudonyms: identifiers.map((identifier) =>
        Object.fromEntries(registries.map((registry) => [registry, this.door.keys.of(registry)(identifier)])),
      ),
    };
  }
}
