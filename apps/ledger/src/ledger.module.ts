import { type DynamicModule, Module } from '@nestjs/common';
import { LogController } from './log.controller.js';
import { LogReader } from './log-reader.js';

@Module({})
class LedgerModule {}

/** The injection token of what ends with the service. */
const LIFE = Symbol('life');

/** Which part serves which port. `close` is called when the service ends. */
export function ledgerModule(reader: LogReader, close: () => Promise<void>): DynamicModule {
  return {
    module: LedgerModule,
    controllers: [LogController],
    providers: [
      { provide: LogReader, useValue: reader },
      { provide: LIFE, useValue: { onModuleDestroy: close } },
    ],
  };
}
