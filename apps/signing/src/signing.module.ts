import { type DynamicModule, Module } from '@nestjs/common';
import { KEY_SET, KeySetController } from './key-set.controller.js';
import type { RecordSealing } from './seal-records.js';
import { SEALING, SigningConsumer } from './signing.consumer.js';

@Module({})
class SigningModule {}

/** Which part serves which port. */
export function signingModule(sealing: RecordSealing, keySet: Buffer): DynamicModule {
  return {
    module: SigningModule,
    controllers: [SigningConsumer, KeySetController],
    providers: [
      { provide: SEALING, useValue: sealing },
      { provide: KEY_SET, useValue: keySet },
    ],
  };
}
