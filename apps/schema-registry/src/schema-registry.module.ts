import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from '#telemetry';
import { Catalogue } from './catalogue.js';
import { Registration } from './registration.js';
import { LOG } from './registry-error.js';
import { SchemasController } from './schemas.controller.js';
import { SubjectsController } from './subjects.controller.js';
import { WRITERS, type WriterGuardParts } from './writer.guard.js';

@Module({})
class SchemaRegistryModule {}

/** Which part serves which port. */
export function schemaRegistryModule(
  catalogue: Catalogue,
  registration: Registration,
  writers: WriterGuardParts,
  log: Logger,
): DynamicModule {
  return {
    module: SchemaRegistryModule,
    controllers: [SubjectsController, SchemasController],
    providers: [
      { provide: Catalogue, useValue: catalogue },
      { provide: Registration, useValue: registration },
      { provide: WRITERS, useValue: writers },
      { provide: LOG, useValue: log },
    ],
  };
}
