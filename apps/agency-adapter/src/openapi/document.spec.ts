import { execFileSync } from 'node:child_process';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { EventsController } from '../events.controller.js';
import { OpenapiController } from '../openapi.controller.js';
import { OutcomesController } from '../outcomes.controller.js';
import { openapi } from './document.js';

/** Asks the validator in a process of its own: it is an ES module that jest cannot load on every Node. */
function validate(...documents: readonly object[]): unknown {
  const script = `import { Validator } from '@seriousme/openapi-schema-validator';
    const chunks = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    const answers = [];
    for (const document of JSON.parse(Buffer.concat(chunks))) {
      const validator = new Validator();
      const { valid } = await validator.validate(document);
      answers.push(validator.version + (valid ? ' valid' : ' invalid'));
    }
    console.log(JSON.stringify(answers));`;
  const input = JSON.stringify(documents);
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { input, encoding: 'utf8' }));
}

/** Every route of the controllers as `get /path`; the fallback that answers 405 is none. */
function routes(): string[] {
  return [EventsController, OutcomesController, OpenapiController].flatMap((controller) => {
    const path = String(Reflect.getMetadata(PATH_METADATA, controller));
    return Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
      const handler: unknown = Object.getOwnPropertyDescriptor(controller.prototype, name)?.value;
      const method: unknown = typeof handler === 'function' ? Reflect.getMetadata(METHOD_METADATA, handler) : undefined;
      if (typeof method !== 'number' || method === RequestMethod.ALL) return [];
      const below = String(Reflect.getMetadata(PATH_METADATA, handler as object)).replace(/^\/$/, '');
      return [`${RequestMethod[method]?.toLowerCase()} /${path}${below}`];
    });
  });
}

describe('when the doors are documented', () => {
  it('is a valid OpenAPI 3.1 document', () => {
    expect(validate(openapi, { ...openapi, info: {} })).toEqual(['3.1 valid', '3.1 invalid']);
  });

  it('names every route of the controllers and no other', () => {
    const documented = Object.entries(openapi.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(documented.sort()).toEqual(routes().sort());
  });

  it('resolves every reference', () => {
    const references = [...JSON.stringify(openapi).matchAll(/"#\/components\/schemas\/([A-Za-z]+)"/g)].map(([, name]) => name);
    expect(references.filter((name) => !Object.hasOwn(openapi.components.schemas, name ?? ''))).toEqual([]);
  });
});
