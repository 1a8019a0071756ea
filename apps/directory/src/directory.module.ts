import { type DynamicModule, Module } from '@nestjs/common';
import { OFFICERS, type Officers } from '#http';
import { AgreementsController } from './door/agreements.controller.js';
import { ConfigurationController } from './door/configuration.controller.js';
import { DESK, type Desk } from './door/desk.js';
import { MembersController } from './door/members.controller.js';
import { PurposesController } from './door/purposes.controller.js';

@Module({})
class DirectoryModule {}

/** Which part serves which port. */
export function directoryModule(desk: Desk, officers: Officers): DynamicModule {
  return {
    module: DirectoryModule,
    controllers: [MembersController, AgreementsController, PurposesController, ConfigurationController],
    providers: [
      { provide: DESK, useValue: desk },
      { provide: OFFICERS, useValue: officers },
    ],
  };
}
