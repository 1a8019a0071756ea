import { type DynamicModule, Module } from '@nestjs/common';
import { CITIZEN_DOOR, type CitizenDoor, CitizensController } from './citizens/citizens.controller.js';
import { CONTENT_DOOR, type ContentDoor, ContentPermitsController } from './contents/contents.controller.js';
import { DESK_DOOR, DeskController, type DeskDoor } from './desk/desk.controller.js';
import { LOAD_DOOR, type LoadDoor, LoadsController } from './loads/loads.controller.js';
import { GovStackController } from './pull/govstack.controller.js';
import { GovStackSubscriptionsController } from './pull/govstack-subscriptions.controller.js';
import { PULL_DOOR, PullController, type PullDoor } from './pull/pull.controller.js';
import { RECEIPT_DOOR, type ReceiptDoor, ReceiptsController } from './receipts/receipts.controller.js';
import { REPLAY_DOOR, ReplayController, type ReplayDoor } from './replay/replay.controller.js';

@Module({})
class DeliveryModule {}

/** The injection token of what ends with the service. */
const LIFE = Symbol('life');

/** Which part serves which port. `close` is called when the service ends. */
export function deliveryModule(parts: {
  desk: DeskDoor;
  pull: PullDoor;
  citizens: CitizenDoor;
  replays: ReplayDoor;
  loads: LoadDoor;
  receipts: ReceiptDoor;
  contents: ContentDoor;
  close: () => Promise<void>;
}): DynamicModule {
  return {
    module: DeliveryModule,
    controllers: [
      DeskController,
      PullController,
      GovStackController,
      GovStackSubscriptionsController,
      CitizensController,
      ReplayController,
      LoadsController,
      ReceiptsController,
      ContentPermitsController,
    ],
    providers: [
      { provide: DESK_DOOR, useValue: parts.desk },
      { provide: PULL_DOOR, useValue: parts.pull },
      { provide: CITIZEN_DOOR, useValue: parts.citizens },
      { provide: REPLAY_DOOR, useValue: parts.replays },
      { provide: LOAD_DOOR, useValue: parts.loads },
      { provide: RECEIPT_DOOR, useValue: parts.receipts },
      { provide: CONTENT_DOOR, useValue: parts.contents },
      { provide: LIFE, useValue: { onModuleDestroy: parts.close } },
    ],
  };
}
