import { Module } from '@nestjs/common';

/** The service has no controllers of its own: its doors are the table of routes in `door/`. */
@Module({})
export class SchemaRegistryModule {}
