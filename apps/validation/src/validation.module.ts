import { type DynamicModule, Module } from '@nestjs/common';
import type { RecordJudge } from './judge-records.js';
import { JUDGE, ValidationConsumer } from './validation.consumer.js';

@Module({})
class ValidationModule {}

/** Which part serves which port. */
export function validationModule(judge: RecordJudge): DynamicModule {
  return { module: ValidationModule, controllers: [ValidationConsumer], providers: [{ provide: JUDGE, useValue: judge }] };
}
