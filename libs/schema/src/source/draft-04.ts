const SCHEMA = { $ref: '#/$defs/schema' };
const COUNT = { type: 'integer', minimum: 0 };
const NAMES = { type: 'array', items: { type: 'string' }, uniqueItems: true };
const SCHEMAS = { type: 'array', items: SCHEMA, minItems: 1 };
const MAP = { type: 'object', additionalProperties: SCHEMA };
const TYPE = { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] };

/** What draft 04 allows its keywords to be, said in 2020-12. */
export const DRAFT_04 = {
  $ref: '#/$defs/schema',
  $defs: {
    schema: {
      type: 'object',
      properties: {
        title: { type: 'string' },
        description: { type: 'string' },
        type: { anyOf: [TYPE, { type: 'array', items: TYPE, minItems: 1, uniqueItems: true }] },
        enum: { type: 'array', minItems: 1 },
        multipleOf: { type: 'number', exclusiveMinimum: 0 },
        maximum: { type: 'number' },
        exclusiveMaximum: { type: 'boolean' },
        minimum: { type: 'number' },
        exclusiveMinimum: { type: 'boolean' },
        maxLength: COUNT,
        minLength: COUNT,
        pattern: { type: 'string' },
        format: { type: 'string' },
        maxItems: COUNT,
        minItems: COUNT,
        uniqueItems: { type: 'boolean' },
        items: { anyOf: [SCHEMA, SCHEMAS] },
        additionalItems: { anyOf: [{ type: 'boolean' }, SCHEMA] },
        maxProperties: COUNT,
        minProperties: COUNT,
        required: { ...NAMES, minItems: 1 },
        properties: MAP,
        patternProperties: MAP,
        additionalProperties: { anyOf: [{ type: 'boolean' }, SCHEMA] },
        dependencies: { type: 'object', additionalProperties: { anyOf: [SCHEMA, { ...NAMES, minItems: 1 }] } },
        definitions: MAP,
        allOf: SCHEMAS,
        anyOf: SCHEMAS,
        oneOf: SCHEMAS,
        not: SCHEMA,
      },
      dependentRequired: { exclusiveMaximum: ['maximum'], exclusiveMinimum: ['minimum'] },
    },
  },
};
