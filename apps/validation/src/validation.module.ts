import { type DynamicModule, Module } from '@nestjs/common';
import type { RecordJudge } from './judge-records.js';
import { PSEUDONYM_DOOR, type PseudonymDoor, PseudonymsController } from './pseudonyms/pseudonyms.controller.js';
import { JUDGE, ValidationConsumer } from './validation.consumer.js';

@Module({})
class ValidationModule {}

/** Which part serves which port. */
export function validationModule(judge: RecordJudge, pseudonyms: PseudonymDoor): DynamicModule {
  return {
    module: ValidationModule,
    controllers: [ValidationConsumer, PseudonymsController],
    providers: [
      { provide: JUDGE, useValue: judge },
      { provide: PSEUDONYM_DOOR, useValue: pseudonyms },
    ],
  };
}
