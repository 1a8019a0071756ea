import { faults } from '../fault.js';

/** What the schema of a record type says, and what can be wrong with a schema itself. */
export const schemaFaults = faults({
  SCHEMA_VIOLATION: {
    title: 'The record breaks a rule of its schema',
    status: 422,
    retry: false,
    next: 'Correct the field named by the pointer; `khidi schema show` prints the rule.',
  },
  SCHEMA_UNKNOWN: {
    title: 'The schema named by dataschema is not registered',
    status: 422,
    retry: false,
    next: 'List the versions with `khidi schema list` and name one of them.',
  },
  SCHEMA_RETIRED: {
    title: 'The schema named by dataschema was retired',
    status: 422,
    retry: false,
    next: 'Name a version that is in force.',
  },
  SCHEMA_ID_CONTRADICTED: {
    title: 'The schema id of the serializer and dataschema name different schemas',
    status: 422,
    retry: false,
    next: 'Leave dataschema out, or let the serializer use the version that it names.',
  },
  SCHEMA_SUBJECT_FOREIGN: {
    title: 'The schema belongs to another record type',
    status: 422,
    retry: false,
    next: 'Name a schema of the record type that you send.',
  },
  SCHEMA_BUDGET_EXCEEDED: {
    title: 'Judging the record took more time than is allowed',
    status: 422,
    retry: false,
    next: 'Send a smaller record, or ask the registry to simplify its schema.',
  },
  SCHEMA_INVALID: {
    title: 'The schema cannot be compiled',
    status: 422,
    retry: false,
    next: 'Correct the schema; the detail names the keyword.',
  },
  SCHEMA_REFERENCE_MISSING: {
    title: 'The schema refers to a schema that is not registered',
    status: 422,
    retry: false,
    next: 'Register the referenced schema first and name it in references.',
  },
  SCHEMA_IDENTIFIER_MISSING: {
    title: 'The record has no identifier where its schema says it stands',
    status: 422,
    retry: false,
    next: 'Fill the field that the schema annotates as identifier.',
  },
});
