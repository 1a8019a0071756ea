import type { ServerResponse } from 'node:http';
import { Controller, Get, Res } from '@nestjs/common';
import { openapi } from './openapi/document.js';

const DOCUMENT = JSON.stringify(openapi);

/** The OpenAPI 3.1 document of the doors; anybody may read it. */
@Controller('openapi.json')
export class OpenapiController {
  @Get()
  read(@Res() response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(DOCUMENT);
  }
}
