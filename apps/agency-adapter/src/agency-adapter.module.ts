import { type DynamicModule, Module } from '@nestjs/common';
import { ContentsController } from './contents/contents.controller.js';
import { EventsController } from './events.controller.js';
import { Lifecycle } from './lifecycle.js';
import { OpenapiController } from './openapi.controller.js';
import { OutcomesController } from './outcomes.controller.js';
import { PARTS, type Parts } from './parts.js';
import { QuestionsController } from './questions/questions.controller.js';

@Module({})
class AgencyAdapterModule {}

/** The doors of the adapter on top of its {@link Parts}. */
export function adapterModule(parts: Parts, lifecycle: Lifecycle): DynamicModule {
  return {
    module: AgencyAdapterModule,
    controllers: [EventsController, OutcomesController, QuestionsController, ContentsController, OpenapiController],
    providers: [
      { provide: PARTS, useValue: parts },
      { provide: Lifecycle, useValue: lifecycle },
    ],
  };
}
