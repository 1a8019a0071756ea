import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { readBody } from '#http';
import type { StoredSchema } from '#schema';
import { answer, versionBody } from './answers.js';
import { Catalogue } from './catalogue.js';
import { readRegisterRequest } from './register-request.js';
import { Registration } from './registration.js';
import { RegistryError, RegistryErrorFilter } from './registry-error.js';
import { subjectName } from './subject-name.js';
import { WriterGuard } from './writer.guard.js';

const MAX_BODY = 1024 * 1024;

/** Register, look up and list by subject (Confluent's paths). */
@UseFilters(RegistryErrorFilter)
@Controller('subjects')
export class SubjectsController {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(Registration) private readonly registration: Registration,
  ) {}

  @Get()
  list(@Query('subjectPrefix') prefix: unknown, @Res() response: ServerResponse): void {
    const from = typeof prefix === 'string' ? prefix : '';
    answer(
      response,
      this.catalogue.subjects().filter((subject) => subject.startsWith(from)),
    );
  }

  @Get(':subject/versions')
  versions(@Param('subject') raw: string, @Res() response: ServerResponse): void {
    answer(
      response,
      this.known(subjectName(raw)).map(({ version }) => version),
    );
  }

  @Get(':subject/versions/:version')
  version(@Param('subject') raw: string, @Param('version') which: string, @Res() response: ServerResponse): void {
    answer(response, versionBody(this.one(subjectName(raw), which)));
  }

  @Get(':subject/versions/:version/schema')
  text(@Param('subject') raw: string, @Param('version') which: string, @Res() response: ServerResponse): void {
    response.setHeader('content-type', 'application/json');
    response.end(this.one(subjectName(raw), which).schema);
  }

  @Post(':subject/versions')
  @HttpCode(200)
  @UseGuards(WriterGuard)
  async register(@Param('subject') raw: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const subject = subjectName(raw);
    const stored = await this.registration.register(subject, readRegisterRequest(await bodyOf(request)));
    answer(response, { id: stored.id, version: stored.version, digest: stored.digest });
  }

  @Post(':subject')
  @HttpCode(200)
  async lookUp(@Param('subject') raw: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const subject = subjectName(raw);
    this.known(subject);
    const found = this.registration.find(subject, readRegisterRequest(await bodyOf(request)));
    if (found === undefined) throw new RegistryError(40403, 'The subject has no version with this schema.');
    answer(response, versionBody(found));
  }

  private known(subject: string): StoredSchema[] {
    const versions = this.catalogue.versions(subject);
    if (versions.length === 0) throw new RegistryError(40401, `The subject ${subject} is not known.`);
    return versions;
  }

  private one(subject: string, which: string): StoredSchema {
    const versions = this.known(subject);
    if (which !== 'latest' && which !== '-1' && !/^[1-9][0-9]{0,8}$/.test(which)) {
      throw new RegistryError(42202, 'A version is a number from 1, "latest" or -1.');
    }
    const found = which === 'latest' || which === '-1' ? versions.at(-1) : this.catalogue.version(subject, Number(which));
    if (found === undefined) throw new RegistryError(40402, `The subject ${subject} has no version ${which}.`);
    return found;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const bytes = await readBody(request, MAX_BODY);
  if (bytes === undefined) throw new RegistryError(41301, `A request is at most ${MAX_BODY} bytes.`);
  return bytes;
}
