import { type FaultReport, faultReport } from '#faults';
import { ANNOTATION, readAnnotations, type XKhidi } from './annotations.js';
import { CompiledSchema } from './compiled-schema.js';
import { DissectedSchema } from './dissect.js';
import { engineOf } from './engine.js';
import { Pointers } from './pointers.js';
import { invalid, SchemaProblem } from './problem.js';
import type { Draft } from './source/drafts.js';
import { SchemaGraph } from './source/graph.js';
import { Library, type Reference } from './source/library.js';
import { refuseMalformed } from './source/meta.js';
import { type PlainSchema, plainOf, type UnknownFormats } from './source/plain.js';
import type { Node } from './source/text.js';

/** Why a schema cannot be used. `detail` is for whoever registers it; it may quote the schema. */
export interface SchemaRefusal {
  readonly ok: false;
  readonly faults: readonly FaultReport[];
  readonly detail: string;
}

export type CompileResult = { readonly ok: true; readonly schema: CompiledSchema } | SchemaRefusal;

/**
 * Compiles the schema of a record type. Drafts 2020-12, 2019-09, 07, 06 and 04 by `$schema`, 2020-12 where it is absent; formats are
 * asserted; references lead only to what is given, never to the network. Gives SCHEMA_INVALID, also where `x-khidi` is
 * missing, or SCHEMA_REFERENCE_MISSING with the names of all that should be registered first.
 */
export function compileSchema(text: string, references: readonly Reference[] = []): CompileResult {
  return answered(() => {
    const { annotations, ...parts } = read(text, references, 'refused');
    if (annotations === undefined)
      throw invalid(`the schema of a record type carries ${ANNOTATION}`, `/${ANNOTATION}`, ANNOTATION);
    return { ok: true, schema: new CompiledSchema({ ...parts, annotations }) };
  });
}

/** A schema that judges documents, without anything about records. */
export type DocumentSchema = Pick<CompiledSchema, 'judge' | 'verdict' | 'draft'>;

/** Compiles a schema that need not describe a record type, so that its documents can be judged. Same refusals otherwise. */
export function compileDocumentSchema(
  text: string,
  references: readonly Reference[] = [],
): { readonly ok: true; readonly schema: DocumentSchema } | SchemaRefusal {
  return answered(() => {
    const { annotations = NO_RECORD, ...parts } = read(text, references, 'refused');
    return { ok: true, schema: new CompiledSchema({ ...parts, annotations }) };
  });
}

/** Stands in where a schema says nothing of records; nobody can ask for it. */
const NO_RECORD: XKhidi = { identifier: '', sequence: 'offset', classification: 'public', legalBasis: '', retention: '' };

/**
 * Says whether a schema that others may refer to could be compiled; it needs no `x-khidi`, and a `format` that is unknown here is an
 * annotation. Same refusals otherwise.
 */
export function checkSchema(text: string, references: readonly Reference[] = []): { readonly ok: true } | SchemaRefusal {
  return answered(() => {
    engineOf(read(text, references, 'kept').plain, false);
    return { ok: true };
  });
}

/** Opens a schema up for those who reason about it. Refuses what {@link checkSchema} refuses. */
export function dissectSchema(
  text: string,
  references: readonly Reference[] = [],
): { readonly ok: true; readonly schema: DissectedSchema } | SchemaRefusal {
  return answered(() => {
    const { plain, documents } = read(text, references, 'kept');
    return { ok: true, schema: new DissectedSchema(plain, documents) };
  });
}

interface Read {
  readonly documents: readonly (Node | boolean)[];
  readonly plain: PlainSchema;
  readonly pointers: Pointers;
  readonly draft: Draft;
  readonly annotations: XKhidi | undefined;
}

function read(text: string, references: readonly Reference[], unknownFormats: UnknownFormats): Read {
  const library = new Library(text, references);
  for (const document of library.documents()) refuseMalformed(document, library.draft);
  const plain = plainOf(library, unknownFormats);
  const graph = new SchemaGraph(plain.schema);
  graph.refuseLoops();
  graph.refuseTriedIdentifiers();
  const pointers = new Pointers(graph, plain.patterns);
  const annotations = readAnnotations(library.root, pointers);
  return { documents: library.documents(), plain, pointers, draft: library.draft, annotations };
}

function answered<T>(work: () => T): T | SchemaRefusal {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SchemaProblem)) throw error;
    return { ok: false, faults: [faultReport(error.code, error.pointer, error.rule)], detail: error.message };
  }
}
