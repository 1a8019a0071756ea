import type { ServerResponse } from 'node:http';
import { Controller, Get, Inject, Param, Res, UseFilters } from '@nestjs/common';
import type { StoredSchema } from '#schema';
import { answer } from './answers.js';
import { Catalogue } from './catalogue.js';
import { RegistryError, RegistryErrorFilter } from './registry-error.js';

/** Look up by id, and what the registry says of itself (Confluent's paths). */
@UseFilters(RegistryErrorFilter)
@Controller()
export class SchemasController {
  constructor(@Inject(Catalogue) private readonly catalogue: Catalogue) {}

  @Get()
  root(@Res() response: ServerResponse): void {
    answer(response, {});
  }

  @Get('schemas/types')
  types(@Res() response: ServerResponse): void {
    answer(response, ['JSON']);
  }

  /** No change is refused by comparison yet, and it would be dishonest to say otherwise. */
  @Get('config')
  config(@Res() response: ServerResponse): void {
    answer(response, { compatibilityLevel: 'NONE' });
  }

  @Get('schemas/ids/:id')
  byId(@Param('id') id: string, @Res() response: ServerResponse): void {
    const [first] = this.found(id);
    if (first === undefined) throw unknown();
    const { schema, schemaType, references } = first;
    answer(response, { schema, schemaType, ...(references.length === 0 ? {} : { references }) });
  }

  @Get('schemas/ids/:id/schema')
  text(@Param('id') id: string, @Res() response: ServerResponse): void {
    response.setHeader('content-type', 'application/json');
    response.end(this.found(id)[0]?.schema);
  }

  @Get('schemas/ids/:id/versions')
  versions(@Param('id') id: string, @Res() response: ServerResponse): void {
    answer(
      response,
      this.found(id).map(({ subject, version }) => ({ subject, version })),
    );
  }

  @Get('schemas/ids/:id/subjects')
  subjects(@Param('id') id: string, @Res() response: ServerResponse): void {
    answer(response, [...new Set(this.found(id).map(({ subject }) => subject))]);
  }

  private found(id: string): StoredSchema[] {
    const found = /^[1-9][0-9]{0,9}$/.test(id) ? this.catalogue.byId(Number(id)) : [];
    if (found.length === 0) throw unknown();
    return found;
  }
}

const unknown = (): RegistryError => new RegistryError(40403, 'No schema has this id.');
