import { execFileSync } from 'node:child_process';
import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';

/**
 * What a validator says of OpenAPI documents, such as `3.1 valid`. It is asked in a process of its own: it is an ES module that jest
 * cannot load on every Node.
 */
export function validateOpenapi(...documents: readonly object[]): readonly string[] {
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

/** Every route of the controllers as `get /path/{parameter}`; a fallback for all methods is none. */
export function routesOf(...controllers: readonly Type[]): readonly string[] {
  return controllers.flatMap((controller) => {
    const root = String(Reflect.getMetadata(PATH_METADATA, controller));
    return Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
      const handler: unknown = Object.getOwnPropertyDescriptor(controller.prototype, name)?.value;
      const method: unknown = typeof handler === 'function' ? Reflect.getMetadata(METHOD_METADATA, handler) : undefined;
      if (typeof method !== 'number' || method === RequestMethod.ALL) return [];
      const path = [root, String(Reflect.getMetadata(PATH_METADATA, handler as object))].join('/').split('/');
      const parts = path.filter((part) => part !== '').map((part) => part.replace(/^:(.+)$/, '{$1}'));
      return [`${RequestMethod[method]?.toLowerCase()} /${parts.join('/')}`];
    });
  });
}

/** The routes that a document names, in the same form. */
export function documentedRoutes({ paths }: { readonly paths: object }): readonly string[] {
  return Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods as object).map((method) => `${method} ${path}`));
}

/** References of a document to schemas that it does not have. */
export function danglingReferences(document: { readonly components: { readonly schemas: object } }): readonly string[] {
  const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([A-Za-z]+)"/g)].map(([, name = '']) => name);
  return names.filter((name) => !Object.hasOwn(document.components.schemas, name));
}
