const NUMBER = ['number', 'integer'];

/** Keywords that are about some types only. */
export const TYPED: Readonly<Record<string, readonly string[]>> = {
  minimum: NUMBER,
  maximum: NUMBER,
  exclusiveMinimum: NUMBER,
  exclusiveMaximum: NUMBER,
  multipleOf: NUMBER,
  minLength: ['string'],
  maxLength: ['string'],
  pattern: ['string'],
  'x-khidi-identifier': ['string'],
  items: ['array'],
  prefixItems: ['array'],
  contains: ['array'],
  minItems: ['array'],
  maxItems: ['array'],
  uniqueItems: ['array'],
  unevaluatedItems: ['array'],
  properties: ['object'],
  patternProperties: ['object'],
  additionalProperties: ['object'],
  unevaluatedProperties: ['object'],
  propertyNames: ['object'],
  required: ['object'],
  minProperties: ['object'],
  maxProperties: ['object'],
  dependentRequired: ['object'],
  dependentSchemas: ['object'],
};

const OTHERS = new Set(
  (
    '$schema $id id $anchor $dynamicAnchor $recursiveAnchor $ref $dynamicRef $recursiveRef $vocabulary $comment $defs definitions ' +
    'type enum const format additionalItems minContains maxContains dependencies allOf anyOf oneOf not if then else ' +
    'title description default examples deprecated readOnly writeOnly contentEncoding contentMediaType contentSchema'
  ).split(' '),
);

/** Whether a keyword means something in one of the drafts, or is one of ours (`x-…`). */
export function isKnownKeyword(keyword: string): boolean {
  return keyword.startsWith('x-') || Object.hasOwn(TYPED, keyword) || OTHERS.has(keyword);
}
