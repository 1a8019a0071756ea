export type { XKhidi } from './annotations.js';
export {
  type CompileResult,
  checkSchema,
  compileDocumentSchema,
  compileSchema,
  type DocumentSchema,
  dissectSchema,
  type SchemaRefusal,
} from './compile.js';
export type { CompiledSchema, Judgement } from './compiled-schema.js';
export { schemaDigest } from './digest.js';
export { type DissectedSchema, hasFormat, identifierFormats, type Origin, samplesOf } from './dissect.js';
export { isKnownFormat } from './formats/formats.js';
export { judgeDocument, judgeRecord, type RecordJudgement, type RecordSchema } from './judge-record.js';
export type { Ranges } from './patterns/ranges.js';
export { type Pattern, readPattern } from './patterns/syntax.js';
export { SchemaCache } from './schema-cache.js';
export type { Reference } from './source/library.js';
export {
  readStoredSchema,
  type SchemaContent,
  type SchemaExtra,
  type StoredReference,
  type StoredSchema,
  schemaGuid,
  schemaIdentity,
  schemaKey,
} from './stored-schema.js';
