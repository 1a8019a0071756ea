import { type DynamicModule, Module } from '@nestjs/common';
import { OFFICERS, type Officers } from '#http';
import { KEY_DESK, type KeyDesk, KeyDeskController } from './key-desk/key-desk.controller.js';
import { KEY_SETS, KeySetController, type KeySets } from './key-set.controller.js';
import type { RecordSealing } from './seal-records.js';
import { SEALING, SigningConsumer } from './signing.consumer.js';

@Module({})
class SigningModule {}

/** The parts of the service behind its doors. */
export interface SigningParts {
  readonly sealing: RecordSealing;
  readonly keySets: KeySets;
  readonly desk: KeyDesk;
  readonly officers: Officers;
}

/** Which part serves which port. */
export function signingModule({ sealing, keySets, desk, officers }: SigningParts): DynamicModule {
  return {
    module: SigningModule,
    controllers: [SigningConsumer, KeySetController, KeyDeskController],
    providers: [
      { provide: SEALING, useValue: sealing },
      { provide: KEY_SETS, useValue: keySets },
      { provide: KEY_DESK, useValue: desk },
      { provide: OFFICERS, useValue: officers },
    ],
  };
}
